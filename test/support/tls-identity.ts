/** A key and a certificate that nobody trusts, for servers of tests that speak TLS. Made once by `openssl req -x509`. */

export const TLS_IDENTITY = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4aUXj87K5ouhUalc
A7Szo8uK5q+gPTp/Zy4DJqpZ7ZmhRANCAARj9fp1Kz2L8UVRzzwFkubgHYgNo6f+
vF2w0LeIdhaJcRlmPJP66pPYdxyqb965uvlymuyeA/AenXE5dfuobOr7
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBgzCCASmgAwIBAgIUGQLlhtnux3FCkvh1YFbi7IwgMGwwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLdGFuZGVtLnRlc3QwIBcNMjYxMTIyMDQwNDIxWhgPMjEyNjEw
MjkwNDA0MjFaMBYxFDASBgNVBAMMC3RhbmRlbS50ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEY/X6dSs9i/FFUc88BZLm4B2IDaOn/rxdsNC3iHYWiXEZZjyT
+uqT2Hccqm/eubr5cprsngPwHp1xOXX7qGzq+6NTMFEwHQYDVR0OBBYEFHewrmNI
b+BXgfnmvo/mg3mu2eSqMB8GA1UdIwQYMBaAFHewrmNIb+BXgfnmvo/mg3mu2eSq
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAOcnfgU56ba6Vns2
54ABatSWINONQRd9u77xJL0/Cv41AiBxjjSQZdMJaJ851rJBQcn+XPNYZpjHGO5H
KwmdYqrykA==
-----END CERTIFICATE-----`,
};
