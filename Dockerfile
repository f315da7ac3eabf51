# Two stages: Rust builds the program, a bare Debian runs it. Nothing is run in the second, so its base may as well be one
# without a shell that has glibc, such as distroless/cc-debian12: --build-arg RUNTIME_IMAGE=…

ARG BUILD_IMAGE=rust:1.95-slim-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /leadtime

# The allocator is built from C by its own makefile.
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*

# First all that we build upon, alone with an empty program: this layer is used again until Cargo.lock changes.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
RUN mkdir src templates && echo '//! Empty.' > src/lib.rs && \
    printf '//! Empty.\nfn main() {}\n' | tee src/main.rs templates/languages.rs && \
    cargo build --locked --release

# The built-in templates end up inside the program.
COPY src src
COPY templates templates
RUN touch src/main.rs src/lib.rs templates/languages.rs && cargo build --locked --release && mkdir --mode=0700 /state

FROM ${RUNTIME_IMAGE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="leadtime" \
      org.opencontainers.image.description="Watches a Microsoft partner's incoming referrals, counts down to the day they expire, alerts sellers and escalates to managers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/leadtime/leadtime" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# Without roots of trust no HTTPS. They come with the build image, so `docker build --pull` renews them.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /leadtime/target/release/leadtime /usr/local/bin/leadtime
COPY LICENSE /usr/share/doc/leadtime/LICENSE

# A number, not a name: Kubernetes can tell that it is not root, and no user need be made.
COPY --from=build --chown=10001:10001 /state /var/lib/leadtime
USER 10001:10001
VOLUME /var/lib/leadtime

ENV LEADTIME_CONFIG=/etc/leadtime/leadtime.toml \
    LEADTIME_STATE__PATH=/var/lib/leadtime \
    LEADTIME_WEB__LISTEN=0.0.0.0:8080
EXPOSE 8080

# Green while the process and its loops live; an account's trouble does not restart a container.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["leadtime", "health"]
ENTRYPOINT ["leadtime"]
CMD ["run"]
