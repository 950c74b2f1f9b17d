// SPDX-License-Identifier: Apache-2.0
// A program of another compiler, whose heap must be of one piece.
package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	fmt.Println("arguments", len(os.Args), os.Getenv("KEY"))
	names := map[string]int{}
	for i := 0; i < 50000; i++ {
		names[fmt.Sprint(i)] = i
	}
	blocks := [][]byte{}
	sum := 0
	for i := 0; i < 100; i++ {
		blocks = append(blocks, make([]byte, 100000))
		blocks[i][5] = byte(i)
	}
	for i := range blocks {
		sum += int(blocks[i][5])
	}
	fmt.Println(len(names), sum)
	if err := os.WriteFile("/work/go.txt", []byte("one\ntwo\n"), 0644); err != nil {
		fmt.Println("write:", err)
	}
	if file, err := os.Open("/work/go.txt"); err == nil {
		for lines := bufio.NewScanner(file); lines.Scan(); {
			fmt.Println("line", lines.Text())
		}
		file.Close()
	}
	filepath.Walk("/work", func(path string, info os.FileInfo, err error) error {
		fmt.Println(path, err)
		return nil
	})
	begin := time.Now()
	time.Sleep(5 * time.Millisecond)
	fmt.Println(time.Since(begin) >= 5*time.Millisecond)
	_, err := os.Stat("/work/none")
	fmt.Println(err)
	os.Exit(3)
}
