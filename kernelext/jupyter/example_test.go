package jupyter_test

import (
	"context"
	"log"
	"os"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/gomacro"
	"github.com/lowrankgo/lowrank/kernelext/jupyter"
)

// A kernel is a program that Jupyter starts with the name of a connection
// file.
func ExampleServe() {
	newEngine := func() (engine.Engine, error) { return gomacro.New(gomacro.Options{}) }
	info := jupyter.Info{Implementation: "lowrank", Version: "0.1.0", Banner: "Go for low-rank recovery"}
	if err := jupyter.Serve(context.Background(), os.Args[1], newEngine, info); err != nil {
		log.Fatal(err)
	}
}
