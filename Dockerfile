# docker build -t tandem .
# docker run --rm -p 8080:8080 -v /etc/haproxy:/etc/haproxy:ro tandem
#
# The program runs as `node` (uid 1000). Docker lets everybody bind low ports inside a container's own network; with
# `--network host` they need root, so start it with `--user root` and say `user node` in the configuration: then the
# control process is root, and the data process, which talks to strangers, is not.
#
# Written with care, but not yet built by anybody's CI.

FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: koffi's libraries are in packages of their own.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-slim
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
RUN ln -s /app/dist/cli/tandem.js /usr/local/bin/tandem \
 && ln -s /app/dist/cli/tandem-haproxy.js /usr/local/bin/tandem-haproxy
USER node
# Soft stop: finishes what is under way. `docker stop -t 30` gives it longer than ten seconds.
STOPSIGNAL SIGUSR1
CMD ["tandem", "run", "-f", "/etc/haproxy/haproxy.cfg"]
