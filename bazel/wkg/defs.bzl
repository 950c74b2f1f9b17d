# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //wkg:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported", "unsupported_rule")

wkg_fetch = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "package": attr.string(doc = "As upstream has it.", mandatory = True),
        "version": attr.string(doc = "As upstream has it."),
        "registry": attr.string(doc = "As upstream has it."),
    },
)

wkg_lock = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "dependencies": attr.string_list(doc = "As upstream has it."),
        "package_name": attr.string(doc = "As upstream has it.", mandatory = True),
        "world_name": attr.string(doc = "As upstream has it.", default = "main"),
        "registry": attr.string(doc = "As upstream has it."),
    },
)

wkg_publish = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", allow_files = True),
        "wasm_file": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "package_name": attr.string(doc = "As upstream has it.", mandatory = True),
        "version": attr.string(doc = "As upstream has it.", mandatory = True),
        "description": attr.string(doc = "As upstream has it."),
        "authors": attr.string_list(doc = "As upstream has it."),
        "license": attr.string(doc = "As upstream has it."),
        "registry": attr.string(doc = "As upstream has it."),
    },
    executable = True,
)

wkg_registry_config = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "registries": attr.string_list(doc = "As upstream has it."),
        "default_registry": attr.string(doc = "As upstream has it."),
        "enable_mirror_fallback": attr.bool(doc = "As upstream has it."),
        "cache_dir": attr.string(doc = "As upstream has it."),
        "timeout_seconds": attr.int(doc = "As upstream has it.", default = 30),
        "credential_files": attr.string_list(doc = "As upstream has it."),
    },
)

wkg_push = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", allow_files = True),
        "wasm_file": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "package_name": attr.string(doc = "As upstream has it.", mandatory = True),
        "version": attr.string(doc = "As upstream has it."),
        "registry": attr.string(doc = "As upstream has it."),
        "namespace": attr.string(doc = "As upstream has it.", default = "library"),
        "tag": attr.string(doc = "As upstream has it.", default = "latest"),
        "name_override": attr.string(doc = "As upstream has it."),
        "description": attr.string(doc = "As upstream has it."),
        "authors": attr.string_list(doc = "As upstream has it."),
        "license": attr.string(doc = "As upstream has it."),
        "annotations": attr.string_list(doc = "As upstream has it."),
        "registry_config": attr.label(doc = "As upstream has it.", allow_files = True),
    },
    executable = True,
)

wkg_pull = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "package_name": attr.string(doc = "As upstream has it.", mandatory = True),
        "tag": attr.string(doc = "As upstream has it.", default = "latest"),
        "digest": attr.string(doc = "As upstream has it."),
        "vendored_component": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "registry": attr.string(doc = "As upstream has it."),
        "namespace": attr.string(doc = "As upstream has it.", default = "library"),
        "registry_config": attr.label(doc = "As upstream has it.", allow_files = True),
    },
)

wkg_inspect = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "package_name": attr.string(doc = "As upstream has it.", mandatory = True),
        "tag": attr.string(doc = "As upstream has it.", default = "latest"),
        "registry": attr.string(doc = "As upstream has it."),
        "namespace": attr.string(doc = "As upstream has it.", default = "library"),
        "registry_config": attr.label(doc = "As upstream has it.", allow_files = True),
    },
)

wasm_component_oci_image = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "package_name": attr.string(doc = "As upstream has it.", mandatory = True),
        "version": attr.string(doc = "As upstream has it."),
        "registry": attr.string(doc = "As upstream has it.", default = "localhost:5000"),
        "namespace": attr.string(doc = "As upstream has it.", default = "library"),
        "tag": attr.string(doc = "As upstream has it.", default = "latest"),
        "name_override": attr.string(doc = "As upstream has it."),
        "description": attr.string(doc = "As upstream has it."),
        "authors": attr.string_list(doc = "As upstream has it."),
        "license": attr.string(doc = "As upstream has it."),
        "annotations": attr.string_list(doc = "As upstream has it."),
        "sign_component": attr.bool(doc = "As upstream has it."),
        "signing_keys": attr.label(doc = "As upstream has it.", allow_files = True),
        "signature_type": attr.string(doc = "As upstream has it.", default = "embedded", values = ["embedded", "detached"]),
    },
)

wasm_component_publish = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "oci_image": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "registry_config": attr.label(doc = "As upstream has it.", allow_files = True),
        "registry_override": attr.string(doc = "As upstream has it."),
        "namespace_override": attr.string(doc = "As upstream has it."),
        "tag_override": attr.string(doc = "As upstream has it."),
        "description": attr.string(doc = "As upstream has it."),
        "authors": attr.string_list(doc = "As upstream has it."),
        "license": attr.string(doc = "As upstream has it."),
        "dry_run": attr.bool(doc = "As upstream has it."),
    },
    executable = True,
)

# buildifier: disable=unused-variable
def wasm_component_oci_publish(name, component, package_name, registry = "localhost:5000", namespace = "library", tag = "latest", sign_component = False, signing_keys = None, signature_type = "embedded", registry_config = None, description = None, authors = [], license = None, annotations = [], dry_run = False, **kwargs):
    """Loads, and fails in analysis: tenon pushes to and pulls from no registry.

    Args:
      name: of the target.
      component: as upstream has it.
      package_name: as upstream has it.
      registry: as upstream has it.
      namespace: as upstream has it.
      tag: as upstream has it.
      sign_component: as upstream has it.
      signing_keys: as upstream has it.
      signature_type: as upstream has it.
      registry_config: as upstream has it.
      description: as upstream has it.
      authors: as upstream has it.
      license: as upstream has it.
      annotations: as upstream has it.
      dry_run: as upstream has it.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon pushes to and pulls from no registry", **common_of(kwargs))

wkg_multi_registry_publish = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "oci_image": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "registry_config": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "target_registries": attr.string_list(doc = "As upstream has it."),
        "namespace_override": attr.string(doc = "As upstream has it."),
        "tag_override": attr.string(doc = "As upstream has it."),
        "description": attr.string(doc = "As upstream has it."),
        "authors": attr.string_list(doc = "As upstream has it."),
        "license": attr.string(doc = "As upstream has it."),
        "dry_run": attr.bool(doc = "As upstream has it."),
        "fail_fast": attr.bool(doc = "As upstream has it.", default = True),
    },
    executable = True,
)

wasm_security_policy = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "default_signing_required": attr.bool(doc = "As upstream has it."),
        "key_source": attr.string(doc = "As upstream has it.", default = "file"),
        "signature_type": attr.string(doc = "As upstream has it.", default = "embedded"),
        "openssh_format": attr.bool(doc = "As upstream has it."),
        "registry_policies": attr.string_list(doc = "As upstream has it."),
        "component_policies": attr.string_list(doc = "As upstream has it."),
    },
)

wasm_component_secure_publish = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "package_name": attr.string(doc = "As upstream has it.", mandatory = True),
        "namespace": attr.string(doc = "As upstream has it.", default = "library"),
        "tag": attr.string(doc = "As upstream has it.", default = "latest"),
        "target_registries": attr.string_list(doc = "As upstream has it.", mandatory = True),
        "registry_config": attr.label(doc = "As upstream has it.", allow_files = True),
        "security_policy": attr.label(doc = "As upstream has it.", allow_files = True),
        "signing_keys": attr.label(doc = "As upstream has it.", allow_files = True),
        "force_signing": attr.bool(doc = "As upstream has it."),
        "signature_type": attr.string(doc = "As upstream has it.", default = "embedded"),
        "openssh_format": attr.bool(doc = "As upstream has it."),
        "annotations": attr.string_list(doc = "As upstream has it."),
        "description": attr.string(doc = "As upstream has it."),
        "authors": attr.string_list(doc = "As upstream has it."),
        "license": attr.string(doc = "As upstream has it."),
        "dry_run": attr.bool(doc = "As upstream has it."),
    },
    executable = True,
)

wasm_component_multi_arch = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "package_name": attr.string(doc = "As upstream has it.", mandatory = True),
        "version": attr.string(doc = "As upstream has it.", default = "latest"),
        "namespace": attr.string(doc = "As upstream has it.", default = "library"),
        "architectures": attr.string_list(doc = "As upstream has it.", mandatory = True),
        "default_architecture": attr.string(doc = "As upstream has it.", mandatory = True),
        "annotations": attr.string_list(doc = "As upstream has it."),
        "arch_wasm32_wasi": attr.label(doc = "As upstream has it.", allow_files = True),
        "arch_wasm32_unknown": attr.label(doc = "As upstream has it.", allow_files = True),
        "arch_wasm32_wasi_preview1": attr.label(doc = "As upstream has it.", allow_files = True),
        "arch_wasm32_unknown_unknown": attr.label(doc = "As upstream has it.", allow_files = True),
    },
    executable = True,
)

wasm_component_multi_arch_publish = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "multi_arch_image": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "registry": attr.string(doc = "As upstream has it.", default = "localhost:5000"),
        "namespace": attr.string(doc = "As upstream has it.", default = "library"),
        "tag": attr.string(doc = "As upstream has it.", default = "latest"),
        "registry_config": attr.label(doc = "As upstream has it.", allow_files = True),
        "dry_run": attr.bool(doc = "As upstream has it."),
    },
    executable = True,
)

# buildifier: disable=unused-variable
def wasm_component_multi_arch_package(name, package_name, components, default_architecture, version = "latest", namespace = "library", annotations = [], **kwargs):
    """Loads, and fails in analysis: tenon pushes to and pulls from no registry.

    Args:
      name: of the target.
      package_name: as upstream has it.
      components: as upstream has it.
      default_architecture: as upstream has it.
      version: as upstream has it.
      namespace: as upstream has it.
      annotations: as upstream has it.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon pushes to and pulls from no registry", **common_of(kwargs))

wasm_component_metadata_extract = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
    },
)

wasm_component_oci_metadata_mapper = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "metadata_extract": attr.label(doc = "As upstream has it.", allow_files = True),
        "title": attr.string(doc = "As upstream has it."),
        "description": attr.string(doc = "As upstream has it."),
        "version": attr.string(doc = "As upstream has it."),
        "source_url": attr.string(doc = "As upstream has it."),
        "license": attr.string(doc = "As upstream has it."),
        "component_type": attr.string(doc = "As upstream has it."),
        "language": attr.string(doc = "As upstream has it."),
        "framework": attr.string(doc = "As upstream has it."),
        "wasi_version": attr.string(doc = "As upstream has it."),
        "security_level": attr.string(doc = "As upstream has it."),
        "is_signed": attr.bool(doc = "As upstream has it."),
        "signature_type": attr.string(doc = "As upstream has it."),
        "compliance_tags": attr.string_list(doc = "As upstream has it."),
        "performance_tier": attr.string(doc = "As upstream has it."),
        "optimization_level": attr.string(doc = "As upstream has it."),
        "custom_annotations": attr.string_list(doc = "As upstream has it."),
    },
)

wasm_component_from_oci = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "image_ref": attr.string(doc = "As upstream has it."),
        "registry": attr.string(doc = "As upstream has it."),
        "namespace": attr.string(doc = "As upstream has it."),
        "component_name": attr.string(doc = "As upstream has it."),
        "tag": attr.string(doc = "As upstream has it.", default = "latest"),
        "digest": attr.string(doc = "As upstream has it."),
        "vendored_component": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "registry_config": attr.label(doc = "As upstream has it.", allow_files = True),
        "verify_signature": attr.bool(doc = "As upstream has it."),
        "public_key": attr.label(doc = "As upstream has it.", allow_files = True),
    },
)

wac_compose_with_oci = unsupported_rule(
    reason = "tenon pushes to and pulls from no registry",
    attrs = {
        "local_components": attr.string_dict(doc = "As upstream has it."),
        "oci_components": attr.string_dict(doc = "As upstream has it."),
        "composition": attr.string(doc = "As upstream has it."),
        "composition_file": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "profile": attr.string(doc = "As upstream has it.", default = "release"),
        "registry_config": attr.label(doc = "As upstream has it.", allow_files = True),
        "verify_signatures": attr.bool(doc = "As upstream has it."),
        "public_key": attr.label(doc = "As upstream has it.", allow_files = True),
        "oci_publish_deps": attr.label_list(doc = "As upstream has it.", allow_files = True),
    },
)

# buildifier: disable=unused-variable
def wac_microservices_app(name, frontend_component, services, registry_config = None, **kwargs):
    """Loads, and fails in analysis: tenon pushes to and pulls from no registry.

    Args:
      name: of the target.
      frontend_component: as upstream has it.
      services: as upstream has it.
      registry_config: as upstream has it.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon pushes to and pulls from no registry", **common_of(kwargs))

# buildifier: disable=unused-variable
def wac_distributed_system(name, components, composition, registry_config = None, **kwargs):
    """Loads, and fails in analysis: tenon pushes to and pulls from no registry.

    Args:
      name: of the target.
      components: as upstream has it.
      composition: as upstream has it.
      registry_config: as upstream has it.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon pushes to and pulls from no registry", **common_of(kwargs))

# buildifier: disable=unused-variable
def enhanced_oci_annotations(
        component_type = None,
        language = None,
        framework = None,
        wasi_version = None,
        security_level = None,
        compliance_tags = [],
        custom_annotations = []):
    """Annotations for an image, which nothing here makes.

    Args:
      component_type: as upstream has it.
      language: as upstream has it.
      framework: as upstream has it.
      wasi_version: as upstream has it.
      security_level: as upstream has it.
      compliance_tags: as upstream has it.
      custom_annotations: as upstream has it.

    Returns:
      `custom_annotations`.
    """
    return list(custom_annotations)
