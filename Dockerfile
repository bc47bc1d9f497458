# Two stages: the first builds with the Swift toolchain, the second holds the binary and what it loads.
FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libcurl4-openssl-dev libssl-dev libidn2-dev libsqlite3-dev libpq-dev librdkafka-dev make python3 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The same files as in the Debian package.
RUN make build && .ci/stage .build/release/sobre /installed /usr /etc/sobre /lib/systemd/system

FROM debian:bookworm-slim
# tzdata: quiet hours and calendar caps are judged in the recipient's zone.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libcurl4 libssl3 libidn2-0 libsqlite3-0 librdkafka1 ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/sobre --create-home sobre \
    && chmod 700 /var/lib/sobre
COPY --from=build /installed/usr/bin/sobre /usr/bin/sobre
COPY --from=build /installed/etc/sobre /etc/sobre
USER sobre
WORKDIR /var/lib/sobre
# Every command in the container finds the same settings and data as the server.
# The host holds as soon as there is an API key; until then the server listens on the container's own loopback.
ENV SOBRE_CONFIG=/etc/sobre/Config/sobre.yaml \
    SOBRE_DATA_DIRECTORY=/var/lib/sobre \
    SOBRE_SERVER_HOST=0.0.0.0
VOLUME /var/lib/sobre
EXPOSE 8480
STOPSIGNAL SIGTERM
# The image has no HTTP client but bash itself. Converting an earlier version's store takes minutes, in which nothing listens:
# a container that is ended for that begins again each time.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15m \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8480 && printf 'GET /health/ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["sobre"]
CMD ["serve"]
