# SPDX-License-Identifier: Apache-2.0
# The state of the adapter that does not lie in memory: where its memory is, and whether it has a stack yet.
# `component new` finds `allocation_state` by this name and gives it its values: 0 not yet, 1 at it, 2 done.
	.globaltype	__stack_pointer, i32
	.globaltype	internal_state_ptr, i32
	.globaltype	allocation_state, i32
	.globaltype	memory_begin, i32

	.globl	state_pointer
	.type	state_pointer,@function
state_pointer:
	.functype	state_pointer () -> (i32)
	global.get	internal_state_ptr
	end_function

	.globl	set_state_pointer
	.type	set_state_pointer,@function
set_state_pointer:
	.functype	set_state_pointer (i32) -> ()
	local.get	0
	global.set	internal_state_ptr
	end_function

	.globl	allocation
	.type	allocation,@function
allocation:
	.functype	allocation () -> (i32)
	global.get	allocation_state
	end_function

	.globl	set_allocation
	.type	set_allocation,@function
set_allocation:
	.functype	set_allocation (i32) -> ()
	local.get	0
	global.set	allocation_state
	end_function

# A program without an allocator for others moves the adapter's pages when its own memory grows. Before anything that needs
# a stack, the stack and then all that points into these pages follow.
	.functype	adapter_memory () -> (i32)
	.import_module	adapter_memory, __main_module__
	.import_name	adapter_memory, adapter_memory
	.functype	adapter_moved (i32) -> ()

	.globl	adapter_follow
	.type	adapter_follow,@function
	.export_name	adapter_follow, adapter_follow
adapter_follow:
	.functype	adapter_follow () -> ()
	.local	i32, i32
	call	adapter_memory
	local.tee	0
	global.get	memory_begin
	local.tee	1
	i32.eq
	if
	return
	end_if
	local.get	0
	global.set	memory_begin
	local.get	1
	i32.eqz
	if
	return
	end_if
	global.get	__stack_pointer
	local.get	0
	local.get	1
	i32.sub
	local.tee	0
	i32.add
	global.set	__stack_pointer
	local.get	0
	call	adapter_moved
	end_function

	.globl	internal_state_ptr
internal_state_ptr:

	.globl	allocation_state
allocation_state:

	.globl	memory_begin
memory_begin:
