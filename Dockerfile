# The chat in a container; docs/docker.md has the commands. No model is downloaded: the table is part of the package.
FROM python:3.11-slim

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PYTHONUNBUFFERED=1

WORKDIR /src
COPY requirements.lock ./
# torch without CUDA, from PyTorch's own index; then the rest, in exactly these versions.
RUN python -m pip install --no-deps --index-url https://download.pytorch.org/whl/cpu \
        "torch==$(sed -n 's/^torch==//p' requirements.lock)" \
 && python -m pip install -r requirements.lock
COPY pyproject.toml README.md LICENSE ui.py ./
COPY rag rag
COPY embeddings embeddings
COPY ui_assets ui_assets
RUN python -m pip install --no-deps .

RUN useradd --create-home --uid 1000 wenbao \
 && install -d -o wenbao -g wenbao /articles /index
USER wenbao
WORKDIR /home/wenbao

# Every address of the container; who may reach it is what `docker run --publish` says.
ENV WENBAO_INDEX=/index WENBAO_HOST=0.0.0.0 HF_HUB_OFFLINE=1
VOLUME ["/articles", "/index"]
EXPOSE 7860
HEALTHCHECK --interval=5m --timeout=1m --start-period=5m CMD ["wenbao", "doctor", "--serving"]
CMD ["sh", "-c", "wenbao index /articles --if-stale && exec wenbao serve"]
