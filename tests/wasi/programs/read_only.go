// SPDX-License-Identifier: Apache-2.0
// Reads below /work, and fails to change it.
package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

func main() {
	text, err := os.ReadFile("/work/notes.txt")
	fmt.Printf("read %q %v\n", text, err)
	entries, err := os.ReadDir("/work")
	for _, entry := range entries {
		fmt.Println("entry", entry.Name(), entry.IsDir())
	}
	fmt.Println("list", err)
	text, err = os.ReadFile("/work/inner/more.txt")
	fmt.Printf("read %q %v\n", text, err)
	_, err = os.OpenFile("/work/notes.txt", os.O_RDWR, 0)
	fmt.Println("write", errors.Is(err, syscall.EROFS))
	err = os.WriteFile("/work/new.txt", []byte("new"), 0644)
	fmt.Println("create", errors.Is(err, syscall.EROFS))
	fmt.Println("mkdir", os.Mkdir("/work/folder", 0755) != nil)
	fmt.Println("truncate", os.Truncate("/work/notes.txt", 0) != nil)
}
