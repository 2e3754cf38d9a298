package problem

import (
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Spacing says how singular values σ1 ≥ … ≥ σr = σ1/κ lie between their ends.
type Spacing int

const (
	SpacingLinear    Spacing = iota // equal differences, as Tong, Ma, Chi 2021, arXiv:2005.08898
	SpacingGeometric                // equal ratios
)

// instance is what the random problems have in common: the truth, and what is
// wrong with its measurements.
type instance struct {
	name         string
	d1, d2, rank int
	symmetric    bool
	seed         uint64

	truthRank, support           int
	kappa, sigma                 float64
	spacing                      Spacing
	noise, outliers, outlierSize float64
}

// check returns an error that names the field that is out of range, and fills
// in defaults.
func (n *instance) check() error {
	if err := checkRank(n.name, n.d1, n.d2, n.rank, n.symmetric); err != nil {
		return err
	}
	if n.truthRank == 0 {
		n.truthRank = n.rank
	}
	if n.truthRank < 1 || n.truthRank > min(n.d1, n.d2) {
		return fmt.Errorf("problem: %s has TruthRank %d; 1 ≤ TruthRank ≤ min(%d, %d) = %d is wanted, or 0 for Rank: %w", n.name, n.truthRank, n.d1, n.d2, min(n.d1, n.d2), lr.ErrRank)
	}
	if n.support != 0 && (n.support < n.truthRank || n.support > min(n.d1, n.d2)) {
		return fmt.Errorf("problem: %s has Support %d; between the rank of the truth, %d, and min(%d, %d) = %d is wanted, or 0 for all rows: %w", n.name, n.support, n.truthRank, n.d1, n.d2, min(n.d1, n.d2), lr.ErrValue)
	}
	if err := n.checkSpectrum(); err != nil {
		return err
	}
	return n.checkErrors()
}

func (n *instance) checkSpectrum() error {
	switch {
	case n.kappa != 0 && !(n.kappa >= 1 && finite(n.kappa)):
		return fmt.Errorf("problem: %s has Kappa = %v; a condition number of at least 1 is wanted, or 0 for Gaussian factors: %w", n.name, n.kappa, lr.ErrValue)
	case n.kappa > 1 && n.truthRank == 1:
		return fmt.Errorf("problem: %s has Kappa = %v with a truth of rank 1, whose condition number is 1; a TruthRank or Rank of at least 2 is wanted: %w", n.name, n.kappa, lr.ErrValue)
	case n.kappa == 0 && (n.sigma != 0 || n.spacing != SpacingLinear):
		return fmt.Errorf("problem: %s has Sigma = %v, Spacing %d without Kappa; they shape the singular values that Kappa asks for: %w", n.name, n.sigma, n.spacing, lr.ErrValue)
	case n.sigma < 0 || !finite(n.sigma):
		return fmt.Errorf("problem: %s has Sigma = %v; a positive finite number is wanted, or 0 for 1: %w", n.name, n.sigma, lr.ErrValue)
	case n.spacing != SpacingLinear && n.spacing != SpacingGeometric:
		return fmt.Errorf("problem: %s has Spacing %d; SpacingLinear (0) and SpacingGeometric (1) are known: %w", n.name, n.spacing, lr.ErrValue)
	}
	return nil
}

func (n *instance) checkErrors() error {
	switch {
	case !(n.noise >= 0) || !finite(n.noise):
		return fmt.Errorf("problem: %s has Noise = %v; a standard deviation, at least 0 and finite, is wanted: %w", n.name, n.noise, lr.ErrValue)
	case !(n.outliers >= 0 && n.outliers < 1):
		return fmt.Errorf("problem: %s has Outliers = %v; a share of the measurements, 0 ≤ Outliers < 1, is wanted: %w", n.name, n.outliers, lr.ErrValue)
	case !(n.outlierSize >= 0) || !finite(n.outlierSize):
		return fmt.Errorf("problem: %s has OutlierSize = %v; a positive finite number is wanted, or 0 for 10 times the measurements: %w", n.name, n.outlierSize, lr.ErrValue)
	case n.outlierSize > 0 && n.outliers == 0:
		return fmt.Errorf("problem: %s has OutlierSize = %v but no Outliers; their share is wanted too: %w", n.name, n.outlierSize, lr.ErrValue)
	}
	return nil
}

// truth draws M*: Gaussian factors or, with Kappa, orthonormal bases of the
// spans of random signs whose columns have lengths √σ, so that
// UᵀU = VᵀV = diag(σ). Signs rather than normal numbers, as Tong, Ma, Chi 2021
// take them, give rows of nearly equal length: M* is as incoherent as can be.
func (n *instance) truth() *lr.Factors {
	t := &lr.Factors{U: n.factor("U", n.d1)}
	if !n.symmetric {
		t.V = n.factor("V", n.d2)
	}
	return t
}

func (n *instance) factor(side string, d int) *mat.Dense {
	rows := d
	if n.support > 0 {
		rows = n.support
	}
	f := lr.NormalMatrix(lr.Stream(n.seed, "true "+side), rows, n.truthRank)
	if n.kappa > 0 {
		f.Apply(func(_, _ int, v float64) float64 { return math.Copysign(1, v) }, f)
		linalg.Orthonormalise(f)
		for k, s := range n.spectrum() {
			for i := range rows {
				f.Set(i, k, f.At(i, k)*math.Sqrt(s))
			}
		}
	}
	if rows == d {
		return f
	}
	spread := mat.NewDense(d, n.truthRank, nil)
	for i, at := range sample(lr.Stream(n.seed, "support "+side), d, rows) {
		copy(spread.RawRowView(at), f.RawRowView(i))
	}
	return spread
}

// spectrum returns the singular values, from the largest to the smallest.
func (n *instance) spectrum() []float64 {
	top := n.sigma
	if top == 0 {
		top = 1
	}
	s := make([]float64, n.truthRank)
	for k := range s {
		at := 0.0
		if len(s) > 1 {
			at = float64(k) / float64(len(s)-1)
		}
		if n.spacing == SpacingGeometric {
			s[k] = top * math.Pow(n.kappa, -at)
		} else {
			s[k] = top * ((1 - at) + at/n.kappa)
		}
	}
	return s
}

// sample returns k of 0 … n−1, each set as probable as any other.
func sample(rng *rand.Rand, n, k int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for i := range k {
		j := i + rng.IntN(n-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:k]
}

// disturb adds noise and outliers to the measurements b.
func (n *instance) disturb(b []float64) {
	size := n.outlierSize
	if size == 0 && n.outliers > 0 {
		size = 10 * math.Sqrt(inner(b, b)/float64(len(b)))
	}
	if n.noise > 0 {
		rng := lr.Stream(n.seed, "noise")
		for i := range b {
			b[i] += float64(n.noise * rng.NormFloat64())
		}
	}
	wrong := int(math.Round(n.outliers * float64(len(b))))
	if wrong == 0 {
		return
	}
	rng := lr.Stream(n.seed, "outliers")
	for _, i := range sample(rng, len(b), wrong) {
		if rng.IntN(2) == 0 {
			b[i] -= size
		} else {
			b[i] += size
		}
	}
}

// inner is ⟨x, y⟩ by a plain loop, which has the same bits on every platform.
func inner(x, y []float64) float64 {
	var s float64
	for i, v := range x {
		s += float64(v * y[i])
	}
	return s
}
