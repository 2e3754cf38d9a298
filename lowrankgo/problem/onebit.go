package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// OneBit recovers a matrix from signs of some of its entries, by maximum
// likelihood in the logistic model P(Y_ij = 1) = 1/(1 + exp(−M_ij)),
//
//	f(M) = Σ_{(i,j)∈Ω} log(1 + exp(−Y_ij·M_ij)),  Y_ij = ±1
//
// a plain sum over the observed entries, computed without overflow. It is
// convex in M and 0 < φ″ ≤ ¼. Where a matrix of the given rank has all signs
// right, the infimum 0 is not attained and iterates grow for ever: a [Ridge]
// keeps them. The true matrix is not the minimiser, which is only near it.
//
// [L](II.2) with its one-bit example; [G] §6 names it as open; Davenport,
// Plan, van den Berg, Wootters 2014, arXiv:1209.3672. Costs are those of
// [MeasurementLoss].
type OneBit struct {
	D1, D2    int       // shape of M; D2 may be 0 when Symmetric
	Rank      int       // columns of the factors
	Rows      []int     // row of each observed entry, from 0
	Cols      []int     // column of each observed entry, from 0
	Values    []float64 // the signs Y there, 1 or −1
	Symmetric bool      // M = UUᵀ; Ω need not be symmetric
	Truth     *lr.Factors

	// Mask says where the entries are instead of D1, D2, Rows and Cols; Values
	// are then in its order.
	Mask *operator.Mask
}

// New checks the entries and returns the problem. Values other than 1 and −1,
// and what is an error for [Completion], are errors.
func (o OneBit) New() (*Objective, error) {
	for i, v := range o.Values {
		if v != 1 && v != -1 {
			return nil, fmt.Errorf("problem: value %d of OneBit is %v; 1 or -1 is wanted: %w", i, v, lr.ErrValue)
		}
	}
	mask, y, err := entries{"OneBit", o.D1, square(o.D1, o.D2, o.Symmetric), o.Rows, o.Cols, o.Values, o.Mask}.resolve()
	if err != nil {
		return nil, err
	}
	return newLoss("OneBit", mask, func(i int, t float64) (value, slope, curvature float64) {
		return logistic(y[i], t)
	}, true, o.Rank, 1, o.Symmetric, o.Truth)
}

// logistic is log(1 + e^(−yt)), y = ±1, with its derivatives in t. Only
// exp(−|t|) ≤ 1 is taken.
func logistic(y, t float64) (value, slope, curvature float64) {
	z := y * t
	e := math.Exp(-math.Abs(z))
	value, miss := math.Log1p(e), 1/(1+e) // miss = 1/(1 + e^z) for z ≤ 0
	if z > 0 {
		miss = e / (1 + e)
	} else {
		value -= z
	}
	return value, -y * miss, e / ((1 + e) * (1 + e))
}

// RandomOneBit is [OneBit] with signs drawn from a random matrix: M* = U*V*ᵀ
// with Gaussian factors, scaled so that the entries of M* have mean 0 and
// standard deviation Signal, seen with probability P, independently.
type RandomOneBit struct {
	D1, D2    int     // shape of M; D2 may be 0 when Symmetric
	Rank      int     // of the factors
	P         float64 // probability that an entry is observed
	Signal    float64 // standard deviation of the entries of M*; default 2
	TruthRank int     // rank r* of M*; default Rank
	Seed      uint64  // of Ω, U*, V* and the signs, which have streams of their own
	Symmetric bool    // M = UUᵀ, M* = U*U*ᵀ, whose diagonal is positive
}

// New draws the problem; the same Seed gives the same problem. The errors are
// those of [RandomCompletion], and a negative Signal.
func (o RandomOneBit) New() (*Objective, error) {
	o.D2 = square(o.D1, o.D2, o.Symmetric)
	if o.Signal == 0 {
		o.Signal = 2
	}
	if !(o.Signal > 0) || !finite(o.Signal) {
		return nil, fmt.Errorf("problem: RandomOneBit has Signal = %v; a positive finite number is wanted, or 0 for 2: %w", o.Signal, lr.ErrValue)
	}
	in := instance{name: "RandomOneBit", d1: o.D1, d2: o.D2, rank: o.Rank, truthRank: o.TruthRank, symmetric: o.Symmetric, seed: o.Seed}
	mask, err := operator.NewBernoulliMask(o.D1, o.D2, o.P, o.Seed)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	truth := in.truth()
	truth.Scale(math.Sqrt(o.Signal / math.Sqrt(float64(in.truthRank))))
	_, _, n := mask.Dims()
	y := make([]float64, n)
	mask.NewEval().Apply(y, truth.U, truth.Right(), nil)
	rng := lr.Stream(o.Seed, "signs")
	for i, t := range y {
		y[i] = -1
		if rng.Float64() < 1/(1+math.Exp(-t)) {
			y[i] = 1
		}
	}
	return OneBit{Mask: mask, Values: y, Rank: o.Rank, Symmetric: o.Symmetric, Truth: truth}.New()
}
