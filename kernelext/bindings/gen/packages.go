package main

const module = "github.com/lowrankgo/lowrank/"

// bound are the packages that cells can import. Add one here and run
//
//	go generate ./kernelext/bindings/...
var bound = []string{
	module + "datasets",
	module + "kernelext/show",
	module + "lowrankgo",
	module + "lowrankgo/initial",
	module + "lowrankgo/landscape",
	module + "lowrankgo/operator",
	module + "lowrankgo/problem",
	module + "lowrankgo/solver",
	module + "lowrankgo/sparse",
	module + "lowrankgo/theory",
	module + "lowrankgo/tune",

	"gonum.org/v1/gonum/blas",
	"gonum.org/v1/gonum/blas/blas64",
	"gonum.org/v1/gonum/dsp/fourier",
	"gonum.org/v1/gonum/floats",
	"gonum.org/v1/gonum/floats/scalar",
	"gonum.org/v1/gonum/mat",
	"gonum.org/v1/gonum/optimize",
	"gonum.org/v1/gonum/stat",
	"gonum.org/v1/gonum/stat/distuv",

	"gonum.org/v1/plot",
	"gonum.org/v1/plot/font",
	"gonum.org/v1/plot/palette",
	"gonum.org/v1/plot/palette/brewer",
	"gonum.org/v1/plot/palette/moreland",
	"gonum.org/v1/plot/plotter",
	"gonum.org/v1/plot/plotutil",
	"gonum.org/v1/plot/text",
	"gonum.org/v1/plot/vg",
	"gonum.org/v1/plot/vg/draw",
}

// standard are packages of the standard library that have grown since
// gomacro's own tables were made. Their tables depend on the version of Go and
// are compared only under toolchain.
var standard = []string{
	"bytes",
	"context",
	"errors",
	"io",
	"math/rand/v2",
	"strings",
	"sync/atomic",
	"time",
}

// toolchain starts the version of Go that the standard tables are for.
const toolchain = "go1.26"
