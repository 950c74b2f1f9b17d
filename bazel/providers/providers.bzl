# SPDX-License-Identifier: Apache-2.0
"""The public providers, by upstream's names and fields. Rules of other repositories may use and make them."""

WitInfo = provider(
    doc = "What a `wit_library` provides.",
    fields = {
        "wit_files": "depset of the package's own files",
        "wit_deps": "depset of the texts of the packages that it uses",
        "package_name": "the attribute `package_name`; empty: the package that the WIT declares",
        "world_name": "the attribute `world`; empty: the only world",
        "interface_names": "the attribute `interfaces`",
        "package_wit": "(tenon) File: the package as one text, without comments",
        "world_wit": "(tenon) File: the same text with every package that it uses, and a world",
    },
)

WasmComponentInfo = provider(
    doc = "A component, or a core module.",
    fields = {
        "wasm_file": "File: the binary",
        "wit_info": "WitInfo of its world, or None",
        "component_type": "`component` or `module`",
        "imports": "list of imported interfaces, if the rule knows them",
        "exports": "list of exported interfaces, if the rule knows them",
        "metadata": "dict of strings about how it was built",
        "profile": "`debug`, `release`, or another name that its rule defines",
        "profile_variants": "dict of profile to File, if there are several",
    },
)

WacCompositionInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "composed_wasm": "as upstream documents it",
        "components": "as upstream documents it",
        "composition_wit": "as upstream documents it",
        "instantiations": "as upstream documents it",
        "connections": "as upstream documents it",
    },
)

WasmValidationInfo = provider(
    doc = "The result of validating a binary.",
    fields = {
        "is_valid": "True; the action fails if the binary is invalid",
        "validation_log": "File that the validation writes",
        "errors": "list of strings",
        "warnings": "list of strings",
    },
)

WasmSignatureInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "signed_wasm": "as upstream documents it",
        "signature_file": "as upstream documents it",
        "public_key": "as upstream documents it",
        "secret_key": "as upstream documents it",
        "is_signed": "as upstream documents it",
        "signature_type": "as upstream documents it",
        "signature_metadata": "as upstream documents it",
        "verification_status": "as upstream documents it",
    },
)

WasmKeyInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "public_key": "as upstream documents it",
        "secret_key": "as upstream documents it",
        "key_format": "as upstream documents it",
        "key_metadata": "as upstream documents it",
    },
)

WasmOciInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "image_ref": "as upstream documents it",
        "registry": "as upstream documents it",
        "namespace": "as upstream documents it",
        "name": "as upstream documents it",
        "tags": "as upstream documents it",
        "digest": "as upstream documents it",
        "annotations": "as upstream documents it",
        "manifest": "as upstream documents it",
        "config": "as upstream documents it",
        "component_file": "as upstream documents it",
        "is_signed": "as upstream documents it",
        "signature_annotations": "as upstream documents it",
    },
)

WasmRegistryInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "registries": "as upstream documents it",
        "auth_configs": "as upstream documents it",
        "default_registry": "as upstream documents it",
        "config_file": "as upstream documents it",
        "credentials": "as upstream documents it",
    },
)

WasmSecurityPolicyInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "policy_file": "as upstream documents it",
        "default_signing_required": "as upstream documents it",
        "key_source": "as upstream documents it",
        "signature_type": "as upstream documents it",
        "openssh_format": "as upstream documents it",
    },
)

WasmMultiArchInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "architectures": "as upstream documents it",
        "manifest": "as upstream documents it",
        "default_architecture": "as upstream documents it",
        "package_name": "as upstream documents it",
        "version": "as upstream documents it",
    },
)

WasmComponentMetadataInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "metadata_file": "as upstream documents it",
        "component_file": "as upstream documents it",
        "extraction_script": "as upstream documents it",
        "file_size_output": "as upstream documents it",
    },
)

WasmOciMetadataMappingInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "mapping_file": "as upstream documents it",
        "oci_annotations": "as upstream documents it",
        "component_info": "as upstream documents it",
        "metadata_sources": "as upstream documents it",
    },
)

MeldFusedInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "fused_wasm": "as upstream documents it",
        "source_components": "as upstream documents it",
        "memory_strategy": "as upstream documents it",
        "component_count": "as upstream documents it",
    },
)

SynthCompiledInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "elf_file": "as upstream documents it",
        "source_wasm": "as upstream documents it",
        "target": "as upstream documents it",
        "backend": "as upstream documents it",
    },
)

WasmPrecompiledInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "cwasm_file": "as upstream documents it",
        "source_wasm": "as upstream documents it",
        "wasmtime_version": "as upstream documents it",
        "target_arch": "as upstream documents it",
        "optimization_level": "as upstream documents it",
        "compilation_flags": "as upstream documents it",
        "compatibility_hash": "as upstream documents it",
    },
)

WrpcTransportInfo = provider(
    doc = "Of rules that tenon does not build; here so that files that load it keep loading.",
    fields = {
        "transport_type": "as upstream documents it",
        "address": "as upstream documents it",
        "cli_args": "as upstream documents it",
        "extra_args": "as upstream documents it",
        "address_format": "as upstream documents it",
        "config_file": "as upstream documents it",
        "metadata": "as upstream documents it",
    },
)
