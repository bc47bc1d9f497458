# Two stages: the first builds with the Swift toolchain, the second holds the binary and what it loads.
FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libcurl4-openssl-dev libssl-dev libsqlite3-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN swift build -c release --product sobre -Xswiftc -static-stdlib

FROM debian:bookworm-slim
# tzdata: quiet hours and calendar caps are judged in the recipient's zone.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libcurl4 libssl3 libsqlite3-0 ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/sobre --create-home sobre
COPY --from=build /src/.build/release/sobre /usr/local/bin/sobre
COPY Config /etc/sobre/Config
COPY Providers /etc/sobre/Providers
COPY Templates /etc/sobre/Templates
USER sobre
ENV SOBRE_DATA_DIRECTORY=/var/lib/sobre
VOLUME /var/lib/sobre
EXPOSE 8480
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s CMD ["sobre", "doctor", "--quick"]
ENTRYPOINT ["sobre"]
CMD ["serve", "--config", "/etc/sobre/Config/sobre.yaml"]
