# SPDX-License-Identifier: Apache-2.0
# The state of the adapter that does not lie in memory: where its memory is, and whether it has a stack yet.
# `component new` finds `allocation_state` by this name and gives it its values: 0 not yet, 1 at it, 2 done.
	.globaltype	internal_state_ptr, i32
	.globaltype	allocation_state, i32

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

	.globl	internal_state_ptr
internal_state_ptr:

	.globl	allocation_state
allocation_state:
