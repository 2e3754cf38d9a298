package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// newObjective checks what all objectives have in common. The caller adds
// newSmooth.
func newObjective(name string, of any, d1, d2, rank int, weight float64, symmetric bool, truth *lr.Factors) (*Objective, error) {
	if err := checkRank(name, d1, d2, rank, symmetric); err != nil {
		return nil, err
	}
	if !(weight > 0) || math.IsInf(weight, 0) {
		return nil, fmt.Errorf("problem: %s has weight %v; a positive finite number is wanted: %w", name, weight, lr.ErrValue)
	}
	if truth != nil {
		if err := checkTruth(name, truth, d1, d2); err != nil {
			return nil, err
		}
		truth = truth.Clone()
	}
	return &Objective{name: name, of: of, d1: d1, d2: d2, rank: rank, symmetric: symmetric, weight: weight, truth: truth}, nil
}

func checkTruth(name string, truth *lr.Factors, d1, d2 int) error {
	if err := truth.Check(); err != nil {
		return fmt.Errorf("problem: the truth of %s: %w", name, err)
	}
	if t1, t2 := truth.Dims(); t1 != d1 || t2 != d2 {
		return fmt.Errorf("problem: the truth is %d×%d but %s is %d×%d: %w", t1, t2, name, d1, d2, lr.ErrShape)
	}
	return nil
}

func checkMeasurements(name string, b []float64, m int) error {
	if len(b) != m {
		return fmt.Errorf("problem: %s has %d values for %d measurements; they must be as many: %w", name, len(b), m, lr.ErrShape)
	}
	return checkFinite(name, b)
}

func checkFinite(name string, b []float64) error {
	for i, v := range b {
		if !finite(v) {
			return fmt.Errorf("problem: value %d of %s is %v; every value must be finite: %w", i, name, v, lr.ErrValue)
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func checkRank(name string, d1, d2, rank int, symmetric bool) error {
	if symmetric && d1 != d2 {
		return fmt.Errorf("problem: %s is symmetric but its shape is %d×%d; a square one is wanted: %w", name, d1, d2, lr.ErrShape)
	}
	if rank < 1 || rank > min(d1, d2) {
		return fmt.Errorf("problem: %s has rank %d; 1 ≤ rank ≤ min(%d, %d) = %d is wanted: %w", name, rank, d1, d2, min(d1, d2), lr.ErrRank)
	}
	return nil
}
