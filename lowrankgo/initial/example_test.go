package initial_test

import (
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
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
