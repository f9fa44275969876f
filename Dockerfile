# syntax=docker/dockerfile:1
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY src src
# The sandbox needs development packages.
RUN rm -r src/sandbox && mkdir data && chown node:node data
USER node
VOLUME /app/data
ENV METRICS_PORT=9464 METRICS_HOST=0.0.0.0
EXPOSE 9464
HEALTHCHECK --start-period=20s --interval=15s --timeout=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Started without npm, so that SIGTERM reaches it.
CMD ["node", "--max-semi-space-size=2", "src/main.ts"]
