# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //wkg:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported", "unsupported_rule", "upstream")

_NO_REGISTRY = "tenon pushes to and pulls from no registry"

wkg_fetch = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "package": upstream.string(mandatory = True),
        "version": upstream.string(),
        "registry": upstream.string(),
    },
)

wkg_lock = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "dependencies": upstream.string_list(),
        "package_name": upstream.string(mandatory = True),
        "world_name": upstream.string(default = "main"),
        "registry": upstream.string(),
    },
)

wkg_publish = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "component": upstream.label(allow_files = True),
        "wasm_file": upstream.label(allow_single_file = True),
        "package_name": upstream.string(mandatory = True),
        "version": upstream.string(mandatory = True),
        "description": upstream.string(),
        "authors": upstream.string_list(),
        "license": upstream.string(),
        "registry": upstream.string(),
    },
    executable = True,
)

wkg_registry_config = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "registries": upstream.string_list(),
        "default_registry": upstream.string(),
        "enable_mirror_fallback": upstream.bool(),
        "cache_dir": upstream.string(),
        "timeout_seconds": upstream.int(default = 30),
        "credential_files": upstream.string_list(),
    },
)

wkg_push = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "component": upstream.label(allow_files = True),
        "wasm_file": upstream.label(allow_single_file = True),
        "package_name": upstream.string(mandatory = True),
        "version": upstream.string(),
        "registry": upstream.string(),
        "namespace": upstream.string(default = "library"),
        "tag": upstream.string(default = "latest"),
        "name_override": upstream.string(),
        "description": upstream.string(),
        "authors": upstream.string_list(),
        "license": upstream.string(),
        "annotations": upstream.string_list(),
        "registry_config": upstream.label(allow_files = True),
    },
    executable = True,
)

wkg_pull = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "package_name": upstream.string(mandatory = True),
        "tag": upstream.string(default = "latest"),
        "digest": upstream.string(),
        "vendored_component": upstream.label(allow_single_file = True),
        "registry": upstream.string(),
        "namespace": upstream.string(default = "library"),
        "registry_config": upstream.label(allow_files = True),
    },
)

wkg_inspect = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "package_name": upstream.string(mandatory = True),
        "tag": upstream.string(default = "latest"),
        "registry": upstream.string(),
        "namespace": upstream.string(default = "library"),
        "registry_config": upstream.label(allow_files = True),
    },
)

wasm_component_oci_image = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "component": upstream.label(mandatory = True, allow_files = True),
        "package_name": upstream.string(mandatory = True),
        "version": upstream.string(),
        "registry": upstream.string(default = "localhost:5000"),
        "namespace": upstream.string(default = "library"),
        "tag": upstream.string(default = "latest"),
        "name_override": upstream.string(),
        "description": upstream.string(),
        "authors": upstream.string_list(),
        "license": upstream.string(),
        "annotations": upstream.string_list(),
        "sign_component": upstream.bool(),
        "signing_keys": upstream.label(allow_files = True),
        "signature_type": upstream.string(default = "embedded", values = ["embedded", "detached"]),
    },
)

wasm_component_publish = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "oci_image": upstream.label(mandatory = True, allow_files = True),
        "registry_config": upstream.label(allow_files = True),
        "registry_override": upstream.string(),
        "namespace_override": upstream.string(),
        "tag_override": upstream.string(),
        "description": upstream.string(),
        "authors": upstream.string_list(),
        "license": upstream.string(),
        "dry_run": upstream.bool(),
    },
    executable = True,
)

# buildifier: disable=unused-variable
def wasm_component_oci_publish(name, component, package_name, registry = "localhost:5000", namespace = "library", tag = "latest", sign_component = False, signing_keys = None, signature_type = "embedded", registry_config = None, description = None, authors = [], license = None, annotations = [], dry_run = False, **kwargs):
    """Loads, and fails in analysis: tenon pushes to and pulls from no registry.

    Args:
      name: the target's name.
      component: as in upstream.
      package_name: as in upstream.
      registry: as in upstream.
      namespace: as in upstream.
      tag: as in upstream.
      sign_component: as in upstream.
      signing_keys: as in upstream.
      signature_type: as in upstream.
      registry_config: as in upstream.
      description: as in upstream.
      authors: as in upstream.
      license: as in upstream.
      annotations: as in upstream.
      dry_run: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = _NO_REGISTRY, **common_of(kwargs))

wkg_multi_registry_publish = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "oci_image": upstream.label(mandatory = True, allow_files = True),
        "registry_config": upstream.label(mandatory = True, allow_files = True),
        "target_registries": upstream.string_list(),
        "namespace_override": upstream.string(),
        "tag_override": upstream.string(),
        "description": upstream.string(),
        "authors": upstream.string_list(),
        "license": upstream.string(),
        "dry_run": upstream.bool(),
        "fail_fast": upstream.bool(default = True),
    },
    executable = True,
)

wasm_security_policy = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "default_signing_required": upstream.bool(),
        "key_source": upstream.string(default = "file"),
        "signature_type": upstream.string(default = "embedded"),
        "openssh_format": upstream.bool(),
        "registry_policies": upstream.string_list(),
        "component_policies": upstream.string_list(),
    },
)

wasm_component_secure_publish = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "component": upstream.label(mandatory = True, allow_single_file = True),
        "package_name": upstream.string(mandatory = True),
        "namespace": upstream.string(default = "library"),
        "tag": upstream.string(default = "latest"),
        "target_registries": upstream.string_list(mandatory = True),
        "registry_config": upstream.label(allow_files = True),
        "security_policy": upstream.label(allow_files = True),
        "signing_keys": upstream.label(allow_files = True),
        "force_signing": upstream.bool(),
        "signature_type": upstream.string(default = "embedded"),
        "openssh_format": upstream.bool(),
        "annotations": upstream.string_list(),
        "description": upstream.string(),
        "authors": upstream.string_list(),
        "license": upstream.string(),
        "dry_run": upstream.bool(),
    },
    executable = True,
)

wasm_component_multi_arch = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "package_name": upstream.string(mandatory = True),
        "version": upstream.string(default = "latest"),
        "namespace": upstream.string(default = "library"),
        "architectures": upstream.string_list(mandatory = True),
        "default_architecture": upstream.string(mandatory = True),
        "annotations": upstream.string_list(),
        "arch_wasm32_wasi": upstream.label(allow_files = True),
        "arch_wasm32_unknown": upstream.label(allow_files = True),
        "arch_wasm32_wasi_preview1": upstream.label(allow_files = True),
        "arch_wasm32_unknown_unknown": upstream.label(allow_files = True),
    },
    executable = True,
)

wasm_component_multi_arch_publish = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "multi_arch_image": upstream.label(mandatory = True, allow_files = True),
        "registry": upstream.string(default = "localhost:5000"),
        "namespace": upstream.string(default = "library"),
        "tag": upstream.string(default = "latest"),
        "registry_config": upstream.label(allow_files = True),
        "dry_run": upstream.bool(),
    },
    executable = True,
)

# buildifier: disable=unused-variable
def wasm_component_multi_arch_package(name, package_name, components, default_architecture, version = "latest", namespace = "library", annotations = [], **kwargs):
    """Loads, and fails in analysis: tenon pushes to and pulls from no registry.

    Args:
      name: the target's name.
      package_name: as in upstream.
      components: as in upstream.
      default_architecture: as in upstream.
      version: as in upstream.
      namespace: as in upstream.
      annotations: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = _NO_REGISTRY, **common_of(kwargs))

wasm_component_metadata_extract = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "component": upstream.label(mandatory = True, allow_single_file = True),
    },
)

wasm_component_oci_metadata_mapper = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "component": upstream.label(mandatory = True, allow_files = True),
        "metadata_extract": upstream.label(allow_files = True),
        "title": upstream.string(),
        "description": upstream.string(),
        "version": upstream.string(),
        "source_url": upstream.string(),
        "license": upstream.string(),
        "component_type": upstream.string(),
        "language": upstream.string(),
        "framework": upstream.string(),
        "wasi_version": upstream.string(),
        "security_level": upstream.string(),
        "is_signed": upstream.bool(),
        "signature_type": upstream.string(),
        "compliance_tags": upstream.string_list(),
        "performance_tier": upstream.string(),
        "optimization_level": upstream.string(),
        "custom_annotations": upstream.string_list(),
    },
)

wasm_component_from_oci = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "image_ref": upstream.string(),
        "registry": upstream.string(),
        "namespace": upstream.string(),
        "component_name": upstream.string(),
        "tag": upstream.string(default = "latest"),
        "digest": upstream.string(),
        "vendored_component": upstream.label(allow_single_file = True),
        "registry_config": upstream.label(allow_files = True),
        "verify_signature": upstream.bool(),
        "public_key": upstream.label(allow_files = True),
    },
)

wac_compose_with_oci = unsupported_rule(
    reason = _NO_REGISTRY,
    attrs = {
        "local_components": upstream.string_dict(),
        "oci_components": upstream.string_dict(),
        "composition": upstream.string(),
        "composition_file": upstream.label(allow_single_file = True),
        "profile": upstream.string(default = "release"),
        "registry_config": upstream.label(allow_files = True),
        "verify_signatures": upstream.bool(),
        "public_key": upstream.label(allow_files = True),
        "oci_publish_deps": upstream.label_list(allow_files = True),
    },
)

# buildifier: disable=unused-variable
def wac_microservices_app(name, frontend_component, services, registry_config = None, **kwargs):
    """Loads, and fails in analysis: tenon pushes to and pulls from no registry.

    Args:
      name: the target's name.
      frontend_component: as in upstream.
      services: as in upstream.
      registry_config: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = _NO_REGISTRY, **common_of(kwargs))

# buildifier: disable=unused-variable
def wac_distributed_system(name, components, composition, registry_config = None, **kwargs):
    """Loads, and fails in analysis: tenon pushes to and pulls from no registry.

    Args:
      name: the target's name.
      components: as in upstream.
      composition: as in upstream.
      registry_config: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = _NO_REGISTRY, **common_of(kwargs))

# buildifier: disable=unused-variable
def enhanced_oci_annotations(
        component_type = None,
        language = None,
        framework = None,
        wasi_version = None,
        security_level = None,
        compliance_tags = [],
        custom_annotations = []):
    """Annotations for an image; no rule of tenon creates images.

    Args:
      component_type: as in upstream.
      language: as in upstream.
      framework: as in upstream.
      wasi_version: as in upstream.
      security_level: as in upstream.
      compliance_tags: as in upstream.
      custom_annotations: as in upstream.

    Returns:
      `custom_annotations`.
    """
    return list(custom_annotations)
