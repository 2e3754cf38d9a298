package lowranktest

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// slope fits log(remainder) against log(h) over decreasing h, leaving out
// remainders that rounding may have made. With fewer than three left it
// reports false: the remainder is 0 as far as can be seen. The larger of the
// remainders at h and −h is taken: two terms of an expansion that cancel on one
// side add up on the other.
func slope(remainder, noise func(h float64) float64) (float64, bool) {
	var lh, lr []float64
	for k := range 13 {
		h := math.Pow(10, -2.5-float64(k)/3)
		if e := math.Max(remainder(h), remainder(-h)); e > 100*noise(h) {
			lh, lr = append(lh, math.Log(h)), append(lr, math.Log(e))
		}
	}
	if len(lh) < 3 {
		return 0, false
	}
	_, beta := stat.LinearRegression(lh, lr, nil, false)
	return beta, true
}

// vanishes fails when the remainder of an expansion does not vanish as h^order
// at least.
func vanishes(t *testing.T, what string, order float64, remainder, noise func(h float64) float64) {
	t.Helper()
	if s, ok := slope(remainder, noise); ok && !(s > order-0.1) {
		t.Errorf("%s: the remainder vanishes as h^%.3f, want h^%g (a smaller slope is a wrong derivative)", what, s, order)
	}
}
