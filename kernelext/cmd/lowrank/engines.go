package main

import (
	"fmt"
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/gomacro"
)

// newEngine starts a session of an interpreter.
type newEngine func() (engine.Engine, error)

// engines are the interpreters that --engine takes, the default first.
var engines = []struct {
	name string
	new  newEngine
}{
	{"gomacro", func() (engine.Engine, error) { return gomacro.New(gomacro.Options{}) }},
}

func engineNames() string {
	var names []string
	for _, e := range engines {
		names = append(names, e.name)
	}
	return strings.Join(names, ", ")
}

func findEngine(name string) (newEngine, error) {
	for _, e := range engines {
		if e.name == name {
			return e.new, nil
		}
	}
	return nil, usageError{fmt.Errorf("there is no engine %q; there are: %s", name, engineNames())}
}
