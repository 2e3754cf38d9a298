package landscape

import (
	"fmt"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/stat/distuv"
)

// EmpiricalRate is a power law
//
//	y ≈ Factor · x^Slope
//
// as it was seen. It is empirical: an asymptotic statement, such as iterations
// polynomial in 1/ε, can be compared with it and is not verified by it.
type EmpiricalRate struct {
	Slope, Factor float64
	// Low and High are the interval of the slope at the confidence given, which
	// is exact when the errors of log y are normal, of one size and independent.
	// With two points, or with x all but equal, it is −Inf to Inf.
	Low, High  float64
	Confidence float64
	Points     int
	Spread     float64 // standard deviation of log y about the line
}

// FitRate fits a power law to points (xᵢ, yᵢ) > 0, of which there are at least
// two with different x, by least squares of log y on log x. The slope's interval
// is that of Student's t with n−2 degrees of freedom. A confidence of 0 means
// [DefaultConfidence].
//
// Unequal lengths, fewer than two points, numbers that are not positive and
// finite, and x that are all equal are errors.
func FitRate(x, y []float64, confidence float64) (EmpiricalRate, error) {
	confidence, err := confidenceOf(confidence)
	if err != nil {
		return EmpiricalRate{}, err
	}
	if err := checkPairs(x, y, 2); err != nil {
		return EmpiricalRate{}, err
	}
	n := float64(len(x))
	var mx, my float64
	for i := range x {
		mx += math.Log(x[i]) / n
		my += math.Log(y[i]) / n
	}
	var xx, xy float64
	for i := range x {
		dx := math.Log(x[i]) - mx
		xx += float64(dx * dx)
		xy += float64(dx * (math.Log(y[i]) - my))
	}
	if slices.Min(x) == slices.Max(x) {
		return EmpiricalRate{}, fmt.Errorf("landscape: a rate is fitted to %d points whose x are all %v; two different x are wanted: %w", len(x), x[0], lr.ErrValue)
	}
	f := EmpiricalRate{Slope: xy / xx, Confidence: confidence, Points: len(x), Low: math.Inf(-1), High: math.Inf(1)}
	f.Factor = math.Exp(my - float64(f.Slope*mx))
	if len(x) == 2 {
		return f, nil
	}
	var rss float64
	for i := range x {
		e := math.Log(y[i]) - my - float64(f.Slope*(math.Log(x[i])-mx))
		rss += float64(e * e)
	}
	f.Spread = math.Sqrt(rss / (n - 2))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 2}.Quantile((1 + confidence) / 2)
	half := t * f.Spread / math.Sqrt(xx)
	f.Low, f.High = f.Slope-half, f.Slope+half
	return f, nil
}

func (f EmpiricalRate) String() string {
	return fmt.Sprintf("empirical: y ≈ %.3g·x^%.3g (slope %.3g to %.3g at %.4g %%, %d points)", f.Factor, f.Slope, f.Low, f.High, 100*f.Confidence, f.Points)
}

// EmpiricalConstant is the constant c of a statement y = O(x), Ω(x) or Θ(x), as
// the ratios y/x of an ensemble show it. It is empirical: on these instances
// y ≤ High·x and y ≥ Low·x, and of others nothing is claimed.
type EmpiricalConstant struct {
	Median    float64
	Low, High float64 // the smallest and the largest ratio
	Points    int
}

// FitConstant returns the ratios yᵢ/xᵢ of points with xᵢ > 0 and yᵢ ≥ 0: their
// median and their range. For an O(·) the constant that served is High, for an
// Ω(·) Low.
//
// Unequal lengths, no points, and numbers out of range are errors.
func FitConstant(x, y []float64) (EmpiricalConstant, error) {
	if err := checkPairs(x, y, 1); err != nil {
		return EmpiricalConstant{}, err
	}
	ratios := make([]float64, len(x))
	for i := range x {
		ratios[i] = y[i] / x[i]
	}
	slices.Sort(ratios)
	n := len(ratios)
	return EmpiricalConstant{Median: (ratios[(n-1)/2] + ratios[n/2]) / 2, Low: ratios[0], High: ratios[n-1], Points: n}, nil
}

func (c EmpiricalConstant) String() string {
	return fmt.Sprintf("empirical: %.4g (%.4g–%.4g on %d instances)", c.Median, c.Low, c.High, c.Points)
}

// checkPairs checks the points of a fit of so many points or more; a fit of
// logarithms, which needs two, wants y > 0 too.
func checkPairs(x, y []float64, least int) error {
	if len(x) != len(y) || len(x) < least {
		return fmt.Errorf("landscape: a fit has %d numbers x and %d numbers y; as many of both, at least %d, are wanted: %w", len(x), len(y), least, lr.ErrShape)
	}
	for i := range x {
		if !(x[i] > 0) || math.IsInf(x[i], 0) || !(y[i] >= 0) || math.IsInf(y[i], 0) || least > 1 && y[i] == 0 {
			return fmt.Errorf("landscape: point %d of a fit is (%v, %v); positive finite numbers are wanted: %w", i, x[i], y[i], lr.ErrValue)
		}
	}
	return nil
}
