/**
 * Made once by `openssl dgst -sha256 -sign` (OpenSSL 3.0), with a key that was thrown away, from files written by hand
 * according to the documents. Neither the client's code nor Node took part.
 */
export const VECTOR_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiNlX1Nhx9mJ84qg+0K8D
9Lnk+Vqfk43QFCdfnjt21WM9CiNgMiSj3gX/ee3iI5vClrbrCndU4XX/2fOmlkzx
VXY3eQdVLmMZpsSDq8eATzDF1Vdnl3WqKSwa+rutvhqjHZlH5Z/l787MGEhbV0N3
j/CGog6nV9J9kCTyKzqth6RCIYEpcKo5X0F62XJeUP2TGDHy29XP7fA6UYaLyP1F
fZGpyQDKvLTXFI3IVcaqiAb6ndrwVWtoTM84QtppXVV8p/DnqOYiLIuDnI0vMPfM
fNsftoc6Sa56Acb93XZMDVNPwP1A/T4VPRjEylaa4Yyxb9ylZHxcxMYqS5X5T+8b
CQIDAQAB
-----END PUBLIC KEY-----`

export const REQUEST_VECTOR = {
  method: 'POST',
  target: '/v3/marketing/withdraw-favor/users/o2882656%2FXq%7C0/coupons',
  openid: 'o2882656/Xq|0',
  timestamp: '1554208460',
  nonce: '593BEC0C930BF1AFEB40B4A08C8FB242',
  body: '{"mchid":"9800064","stock_id":"9865888","appid":"wxd678efh567hg6787","send_request_no":"100002322019090134234sfdf"}',
  signature:
    'WWOOAq2s/xfTLdYT+1Kq/cMJ5MgmN6jbnCqxpTrr40VmR31FNBD3AVsPyhN62tk6E7jtQVSZ40wi0Ik7otMLRyKqj98RraYbfcz6ScOoTCR1DyxPMRjxlr3PEPMqDbFTWP9cOuoLJJWd/zkycszX0HAze//9ZaOJomAZV0PxOOyvcyoq+3BbGKC8niWgK2GQy/5ORfzXBBvPobxWCYiRqN5yaxkPXRDCE8aZHySdi3oEeNaU5Fqh4kIHnAkAHbI2uRmDYrtBBhKdQf3ilVV0isp/xYrp4OrswvfU3RN00CIQGqKYMg2pY9Fn+Jsq8ypIHTQOR++a+eToTkbIRL0TVQ==',
}

export const ANSWER_VECTOR = {
  timestamp: '1554209980',
  nonce: 'c5ac7061fccab6bf3e254dcf98995b8c',
  body: '{"coupon_id":"C688134-17-1505164059","expire_time":"2021-05-20T13:29:35.120+08:00"}',
  signature:
    'OzKDCdXNyZBemfDFQqQ6wd4iJV0Xkc14HYBjUlViEABQ+uSdRl5vUAmNQuXKlcyh48+pZMlVHACpBu5tXP5lQkARfw4DaWE3w/qKokR3LivTjbUwYOnScHfVjBE+1tullNp6avk3HrokX5HOnmbltB3Rrlg/TGL/TbXsXdT6KJNXbg17cFPJuCNr0+5/AMB02TnJ8QHsP22Xhn486rXRF3r3WLUd77YJOcRyhqC/Q/GtOI3FLW+zDco4urqGGbCkvp/BAXZ3tpAWZR2YpEheyR08f95rxmnX7qnCXn/zKAMQue3L6JGxF2QyP701eGin3lQCPmNwCZGufBRe9AdL3A==',
}
