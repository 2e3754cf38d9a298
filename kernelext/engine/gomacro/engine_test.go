package gomacro_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/enginetest"
	"github.com/lowrankgo/lowrank/kernelext/engine/gomacro"
)

func newEngine() (engine.Engine, error) { return gomacro.New(gomacro.Options{}) }

func TestEngine(t *testing.T) { enginetest.Test(t, newEngine) }

func ExampleNew() {
	e, err := gomacro.New(gomacro.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	var out enginetest.Recorder
	data, err := e.Eval(context.Background(), engine.Cell{Name: "In [1]", Code: "x := 20\nx + 22"}, &out)
	fmt.Println(data.MIME["text/plain"], err)
	_, err = e.Eval(context.Background(), engine.Cell{Name: "In [2]", Code: "x + y"}, &out)
	fmt.Println(err)
	// Output:
	// 42 <nil>
	// CompileError: undefined: y
}
