import { MOST_COUNTED } from '../../../../domain/hold.ts'
import type { AlertWords } from '../en/alerts.ts'

export const alerts: AlertWords = {
  hold: {
    title: (ended) => (ended ? '故障已解除，不再因此等待发放' : '有提现免费券等待发放'),
    text: (title, reason) => `${title}（${reason}）`,
    all: (ended) => (ended ? '所有提现免费券曾停止发放' : '所有提现免费券均已停止发放'),
    firstAttempts: (ended) => (ended ? '新的提现免费券曾停止发放' : '新的提现免费券已停止发放'),
    stock: (key, ended) => `提现免费券 ${key} ${ended ? '曾' : '已'}停止发放`,
    since: (when) => `自 ${when} 起`,
    until: (when) => `至 ${when} 止`,
    waiting: (count) =>
      `申请不会丢失，已批准的会等待发放。本消息发出时${count === 0 ? '没有' : count > MOST_COUNTED ? '有超过 1,000 张' : `有 ${count} 张`}提现免费券在等待。`,
    goesOn: '应用每分钟尝试一次，修复后会自动继续发放。',
    goesOnWhenTrusted: '应用至少每分钟查询一次（查询不会发券），一旦应答通过验证，就会自动继续发放。',
    goesOnOrResume: '应用每分钟尝试一张，一旦发放成功就会自动继续；也可点击“恢复”立即重试。',
    goesOnWhenBack: '应用至少每分钟尝试一次，微信支付恢复应答后会自动继续发放。',
    serials: (came, expected) => `收到的序列号：${came} · 预期：${expected}`,
    ended: '因此等待的提现免费券正在陆续发放，另有其他原因的除外。',
    says: (reason, message) => `微信支付：${reason} ${message}`,
    check: {
      SIGN_ERROR: '微信支付验签失败（SIGN_ERROR）。请检查商户号、商户证书序列号、商户私钥以及本机时间。',
      NO_AUTH: '商户号没有发放此券的权限。请在商户平台检查产品权限，并确认批次的创建方。',
      APPID_MCHID_NOT_MATCH: 'appid 与商户号不匹配。请核对策略和商户平台中的配置。',
      MCH_NOT_EXISTS: '商户号不存在。请核对策略中的商户号。',
      PARAM_ERROR: '微信支付不接受某项与用户无关的配置。请核对策略中的 stock_id、appid 和 mchid。',
      NOT_ENOUGH:
        '此批次的预算已用完。请在商户平台追加预算，或从策略中移除此券。申请会一直等待；最先遇到的一笔已被拒绝，除非它可能已经发券。',
      REQUEST_BLOCKED:
        '此批次尚未开始或已结束。请在商户平台检查批次的起止时间和状态，或从策略中移除此券。申请会一直等待；最先遇到的一笔已被拒绝，除非它可能已经发券。',
      RESOURCE_NOT_EXISTS:
        '微信支付中不存在此批次。请核对策略中的 stock_id 和 mchid。申请会一直等待；最先遇到的一笔已被拒绝，除非它可能已经发券。',
      'no-connection': '无法连接微信支付。请检查本机网络、DNS 和代理，并确认可以访问 api.mch.weixin.qq.com。',
      'no-answer': '微信支付没有应答，或没有可验证的应答。请检查网络以及微信支付的服务状态。',
      'untrusted-answers':
        '无法验证应答来自微信支付。请检查微信支付公钥及其 ID 或平台证书，以及是否有代理去掉了 Wechatpay-* 应答头。',
      other: '请查看本应用的日志。',
    },
    trust: {
      'switch-not-begun':
        '微信支付用平台证书签名，而这里只配置了微信支付公钥。请在商户平台的“API 安全 > 微信支付公钥”中点击“开始更换”，或在更换完成前同时配置 WECHATPAY_APIV3_KEY。如果早已完成更换，请核对 WECHATPAY_PUBLIC_KEY_ID。',
      'public-key-missing':
        '微信支付用微信支付公钥签名，而这里只配置了平台证书。请从商户平台复制公钥及其 ID，填入 WECHATPAY_PUBLIC_KEY_FILE 和 WECHATPAY_PUBLIC_KEY_ID。',
      'other-public-key':
        '微信支付使用的公钥与配置的不是同一个。请以 WECHATPAY_MCHID 对应的商户登录商户平台，重新复制公钥及其 ID。',
      'unknown-certificate':
        '微信支付使用的平台证书不在本应用已有的证书之中。请配置 WECHATPAY_APIV3_KEY，以便下载当前证书。',
      'other-key':
        '序列号正确，但签名与公钥不符：WECHATPAY_PUBLIC_KEY 可能属于其他商户，请重新下载 pub_key.pem。如公钥无误，则是代理改动了应答。',
      'headers-stripped':
        '应答中没有任何 Wechatpay-* 应答头：代理去掉了它们，或代替微信支付作了应答。请让代理保留这些应答头，或绕过代理。',
      'headers-incomplete':
        '部分 Wechatpay-* 应答头缺失或互相矛盾：代理改动了它们。请让代理保留这些应答头，或绕过代理。',
      clock: '应答的签名时间与本机相差五分钟以上，请校准本机时间。',
      unsigned: '微信支付拒绝了查询，且应答没有签名。请先按下方的返回内容排除问题。',
    },
  },

  look: {
    afterEndTitle: '申请结束后仍收到提现免费券',
    afterEndText: (couponId) =>
      `微信支付现以券 ${couponId} 应答了这笔申请。该申请此前已结束，或该券已记在另一笔申请名下，应用无法自行更正。请核查该用户持有的提现免费券。`,
    afterAllTitle: '提现免费券实际已发放',
    afterAllText:
      '此前两人确认未发放，但微信支付现已证实已发放。相关消息和限额已更正。请核查在此期间是否又给该用户发放了一张。',
    title: '有一张提现免费券需要核查',
    text: '无法确定微信支付是否已发放这张券，应用也无法自行查明。这笔发放会保持未完结状态，不会重复发放。',
    settlementTitle: '需要另一人确认',
    settlementText: '这张券的结果须由另一位运维人员或审批人确认，申请人不能确认。',
  },

  channels: {
    closedTitle: '消息无法发出',
    closedText: (where) =>
      `Slack 不接受本应用在${where}中发消息。相关消息均已保留，恢复后自动发出。在该处等待审批的申请显示为“尚未送审”，审批人可用 \`/withdraw-coupon 待审批\` 处理。`,
    directMessages: '私信',
    says: (code) => `Slack：${code}`,
    check: {
      not_in_channel: '请在该频道用 `/invite` 重新邀请本应用。',
      channel_not_found: '频道已删除，或是本应用未加入的私密频道。请邀请本应用加入，或在策略中改用其他频道。',
      is_archived: '频道已归档。请取消归档，或在策略中改用其他频道。',
      restricted_action: '该频道只允许部分成员发言。请在频道设置中允许本应用发言，或在策略中改用其他频道。',
      messages_tab_disabled: '本应用的“消息”标签页已关闭。请在 Slack 的应用设置（App Home）中打开。',
      missing_scope: '本应用缺少权限。请按 manifest/manifest.json 中的权限重新安装。',
      other: '请向工作区管理员了解本应用不能发消息的原因。',
    },
    openTitle: '消息恢复发送',
    openText: (where) => `Slack 已恢复接受本应用在${where}中发消息，积压的消息正在发出。`,
  },

  policyNews: {
    changedTitle: '策略已更新',
    changedText: '新策略即刻生效。此前的申请所需批准人数和时限不变，审批人按新策略确定。',
    added: (path, after) => `新增 ${path}：${after}`,
    removed: (path, before) => `移除 ${path}：${before}`,
    changed: (path, before, after) => `${path}：${before} → ${after}`,
    nothing: '仅注释、顺序或写法有变化。',
    more: (count) => `……另有 ${count} 项`,
    brokenTitle: '策略文件无法使用',
    brokenText: '仍沿用之前的策略。改正以下问题后会自动生效：',
    moreMistakes: (count) => `……另有 ${count} 处：运行 \`npm run policy -- check\` 可查看全部`,
    version: (hash) => `版本 ${hash}`,
  },
  records: {
    noGrantTitle: '发现未经本应用申请的券',
    noGrantText: (coupon, stock) =>
      `微信支付列出了 ${stock} 的券 ${coupon}，但本应用中没有对应的申请。请查明由谁发放：可能有其他系统使用同一商户密钥，或在商户平台上发放。`,
    notListedTitle: '微信支付未列出已发放的券',
    notListedText: (coupon, stock) =>
      `申请已发放 ${stock} 的券 ${coupon}，但微信支付已不再列出。请在商户平台核实是否被收回。`,
    ofGrant: (grant) => `申请 ${grant}`,
    sealedTitle: '操作记录已封存',
    sealedText: (last) => `已封存至第 ${last} 行。请保留本消息：日后可据此证明此前的记录未被改动。`,
    sealedHead: (head) => `封存点 ${head}`,
    sealedKey: (key) => `公钥 ${key}`,
    sealedUnsigned: '未签名：未设置 AUDIT_KEY_FILE',
  },

  setUp: {
    blockedTitle: '配置有误，应用无法正常工作',
    blockedHint: '改正后可用 `/withdraw-coupon 检查` 重新检查；应用每小时也会自动检查一次。',
  },
}
