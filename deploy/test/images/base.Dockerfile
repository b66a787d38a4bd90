# Debian with the certificates of the machine that runs the tests, if it has its own.
FROM localhost/streaming_app_test/debootstrap
COPY certificates.crt /usr/local/share/test.crt
ENV NODE_EXTRA_CA_CERTS=/usr/local/share/test.crt \
    PIP_CERT=/usr/local/share/test.crt \
    REQUESTS_CA_BUNDLE=/usr/local/share/test.crt \
    SSL_CERT_FILE=/usr/local/share/test.crt
