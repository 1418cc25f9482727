# The grader with nbgrader and a driver for PostgreSQL, for a user without rights. docs/containers.md says how to run it.
ARG BASE=docker.io/library/python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8
FROM ${BASE}

ARG EXTRAS=nbgrader,postgres,precheck
LABEL org.opencontainers.image.title="Logits & Likelihoods" \
      org.opencontainers.image.description="Auto-graded exercises in the probability behind deep learning" \
      org.opencontainers.image.licenses="BSD-3-Clause"

COPY pyproject.toml constraints.txt README.md LICENSE CHANGELOG.md /opt/package/
COPY autograder /opt/package/autograder
RUN python3 -m venv /opt/grader \
 && /opt/grader/bin/python -m pip install --quiet --no-cache-dir uv==0.13.9 \
 && /opt/grader/bin/uv pip install --quiet --no-cache --compile-bytecode --python /opt/grader/bin/python \
      --constraint /opt/package/constraints.txt "/opt/package[${EXTRAS}]" \
 && /opt/grader/bin/python -m pip uninstall --quiet --yes uv \
 && rm -r /opt/package \
 && useradd --create-home --uid 1000 grader \
 && install --directory --owner grader /course

ENV PATH=/opt/grader/bin:$PATH
USER 1000
WORKDIR /course
ENTRYPOINT ["autograder"]
CMD ["--help"]
