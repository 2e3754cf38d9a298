package landscape

import (
	"fmt"
	"math"
	"strconv"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mathext"
)

// DefaultConfidence is that of an interval where 0 is given.
const DefaultConfidence = 0.95

// Proportion is a share of trials that succeeded, with its Clopper–Pearson
// interval: the true probability lies in it with at least the confidence given.
type Proportion struct {
	Successes, Trials int
	Confidence        float64 // such as 0.95
	Low, High         float64
}

// NewProportion returns k successes of n independent trials with the interval of
// Clopper and Pearson (1934, Biometrika 26), which holds every probability p at
// which neither tail of the binomial distribution is below (1−confidence)/2,
//
//	P(X ≥ k | p) ≥ (1−confidence)/2  and  P(X ≤ k | p) ≥ (1−confidence)/2
//
// so that it covers the true p with at least the confidence for every n. Its
// ends are quantiles of the beta distributions B(k, n−k+1) and B(k+1, n−k); the
// lower is 0 for k = 0, the upper is 1 for k = n. Without trials it is [0, 1].
//
// A confidence of 0 means [DefaultConfidence]. It is an error when k or n is
// negative, k > n, or the confidence is not in (0, 1).
func NewProportion(successes, trials int, confidence float64) (Proportion, error) {
	if successes < 0 || trials < successes {
		return Proportion{}, fmt.Errorf("landscape: a proportion of %d successes in %d trials; 0 ≤ successes ≤ trials is wanted: %w", successes, trials, lr.ErrValue)
	}
	confidence, err := confidenceOf(confidence)
	if err != nil {
		return Proportion{}, err
	}
	p := Proportion{Successes: successes, Trials: trials, Confidence: confidence, High: 1}
	k, n, tail := float64(successes), float64(trials), (1-confidence)/2
	if successes > 0 {
		p.Low = mathext.InvRegIncBeta(k, n-k+1, tail)
	}
	if successes < trials {
		p.High = 1 - mathext.InvRegIncBeta(n-k, k+1, tail)
	}
	return p, nil
}

// confidenceOf is c, or the default for 0.
func confidenceOf(c float64) (float64, error) {
	if c == 0 {
		c = DefaultConfidence
	}
	if !(c > 0 && c < 1) {
		return 0, fmt.Errorf("landscape: a confidence of %v; a number between 0 and 1 is wanted, such as 0.95, or 0 for %v: %w", c, DefaultConfidence, lr.ErrValue)
	}
	return c, nil
}

// Rate is the share of successes, NaN without trials.
func (p Proportion) Rate() float64 {
	if p.Trials == 0 {
		return math.NaN()
	}
	return float64(p.Successes) / float64(p.Trials)
}

// String prints as "33 of 33 (95 % interval 0.894–1)".
func (p Proportion) String() string {
	return fmt.Sprintf("%d of %d (%s %% interval %.3g–%.3g)", p.Successes, p.Trials, strconv.FormatFloat(100*p.Confidence, 'g', 6, 64), p.Low, p.High)
}
