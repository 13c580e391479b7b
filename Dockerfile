# docker build -t tandem .                                        docker buildx build --platform linux/amd64,linux/arm64 .
# docker run --rm -p 8080:8080 -v ./haproxy.cfg:/etc/haproxy/haproxy.cfg:ro tandem
#
# A pair: examples/compose. Limits are those of the container's memory and CPUs, not of its descriptors. Docker's seccomp profile
# refuses io_uring: it says so at start and uses epoll.

# What tsc writes is the same for every machine.
FROM --platform=$BUILDPLATFORM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: koffi's libraries are in packages of their own.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.types.json tsconfig.page.json ./
COPY scripts/build.mjs ./scripts/
COPY src ./src
RUN npm run build && find dist -name '*.map' -delete

FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# raw-socket is compiled where it is installed; without it its twin is used, which needs no compiler.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/raw-socket node_modules/nan

FROM debian:bookworm-slim
# Addresses and routes are set by ip, hand-overs and virtual servers use nft, UDP with NAT conntrack. The user is that of the data process.
RUN apt-get update \
 && apt-get install -y --no-install-recommends iproute2 nftables conntrack \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --user-group --home-dir /var/lib/tandem --shell /usr/sbin/nologin tandem \
 && mkdir -p /var/lib/tandem /etc/haproxy /etc/keepalived
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
WORKDIR /opt/tandem
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
RUN ln -s /opt/tandem/dist/cli/tandem.js /usr/local/bin/tandem \
 && ln -s /opt/tandem/dist/cli/tandem-haproxy.js /usr/local/bin/tandem-haproxy \
 && ln -s /opt/tandem/dist/cli/tandem-keepalived.js /usr/local/bin/tandem-keepalived
# A haproxy.cfg, a keepalived.conf, or both.
ENV TANDEM_FILES="-f /etc/haproxy/haproxy.cfg"
# Hands addresses over and finishes what is under way: docker stop -t 45. With a keepalived.conf alone it means something else
# there: docker run --stop-signal SIGTERM.
STOPSIGNAL SIGUSR1
# By the stats socket that the files name. 3: it serves, but something is lost; a new container would not help.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD tandem status $TANDEM_FILES || [ $? = 3 ]
CMD exec tandem run $TANDEM_FILES
