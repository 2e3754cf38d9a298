// Command kernel serves the gomacro engine, for the tests with foreign
// clients: kernel CONNECTION_FILE.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/gomacro"
	"github.com/lowrankgo/lowrank/kernelext/jupyter"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: kernel CONNECTION_FILE")
		os.Exit(2)
	}
	newEngine := func() (engine.Engine, error) { return gomacro.New(gomacro.Options{}) }
	info := jupyter.Info{Implementation: "test", Version: "0", Banner: "test kernel"}
	if err := jupyter.Serve(context.Background(), os.Args[1], newEngine, info); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
