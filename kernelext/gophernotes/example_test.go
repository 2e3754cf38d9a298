package gophernotes_test

import (
	"context"
	"fmt"
	"os"

	"github.com/lowrankgo/lowrank/kernelext/gophernotes"
)

// Build the kernel from the checkout in the working directory.
func ExampleBuild() {
	err := gophernotes.Build(context.Background(), "gophernotes-lowrank", gophernotes.Options{Dir: ".", Log: os.Stderr})
	if err != nil {
		fmt.Println(err)
	}
}
