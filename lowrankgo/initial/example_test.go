package initial_test

import (
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

func ExampleRandom() {
	p, err := problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Scale: 0.01, Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	d1, d2 := x0.Dims()
	fmt.Printf("%d×%d, rank %d\n", d1, d2, x0.Rank())

	_, err = initial.Random{Scale: -1}.Point(p)
	fmt.Println(err)
	// Output:
	// 40×50, rank 5
	// initial: Random has Scale = -1; a positive finite number is wanted: value out of range
}

// A is diagonal with squares, so the gradient at the saddle is exactly 0.
func ExampleSaddle() {
	a := mat.NewDiagDense(4, []float64{9, 4, 1, 0})
	p := lr.Funcs{D1: 4, Rank: 1, Sym: true, GradFunc: func(dst, x *lr.Factors) float64 { // ½‖UUᵀ − A‖²
		var e mat.Dense
		e.Mul(x.U, x.U.T())
		e.Sub(&e, a)
		if dst != nil {
			dst.U.Mul(&e, x.U)
			dst.U.Scale(2, dst.U)
		}
		n := mat.Norm(&e, 2)
		return n * n / 2
	}}
	x0, err := initial.Saddle{Target: a}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	g := lr.NewPoint(p)
	loss := p.NewEval().Grad(g, x0)
	fmt.Println("U =", x0.U.RawMatrix().Data)
	fmt.Printf("loss %.4g, gradient %g\n", loss, g.Norm())
	// Output:
	// U = [0 2 0 0]
	// loss 41, gradient 0
}

func ExampleZero() {
	p, err := problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 30, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Zero{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	g := lr.NewPoint(p)
	p.NewEval().Grad(g, x0)
	fmt.Println("a saddle: gradient", g.Norm())
	// Output:
	// a saddle: gradient 0
}

// With all entries seen the spectral start is the answer.
func ExampleSpectral() {
	p, err := problem.RandomCompletion{D1: 30, D2: 20, Rank: 2, P: 1, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Spectral{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	fmt.Println("relative error below 1e-6:", lr.RelErr(x0, truth) < 1e-6)
	// Output:
	// relative error below 1e-6: true
}
