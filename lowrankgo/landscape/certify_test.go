package landscape_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

func certify(t testing.TB, p lr.Problem, x *lr.Factors, o *landscape.Options) *landscape.Certificate {
	t.Helper()
	c, err := landscape.Certify(context.Background(), p, x, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// without removes the k values nearest to 0 from a sorted spectrum.
func without(values []float64, k int) []float64 {
	out := slices.Clone(values)
	for range k {
		at := 0
		for i, v := range out {
			if math.Abs(v) < math.Abs(out[at]) {
				at = i
			}
		}
		out = slices.Delete(out, at, at+1)
	}
	return out
}

// TestCertifyVectors compares with spectra by automatic differentiation: at
// critical points the smallest eigenvalue apart from the zeros of the group.
func TestCertifyVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/spectrum.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		spectrumCase
		Point string
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("%d cases, want 20", len(all))
	}
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			c := certify(t, v.problem(t), v.point(), &landscape.Options{Tol: 1e-12})
			want := without(v.Eigenvalues, c.Deflated)
			tol := 1e-10 * (1 + v.Eigenvalues[len(v.Eigenvalues)-1])
			if math.Abs(c.Curvature.Value-want[0]) > tol || math.Abs(c.Curvature.Largest-want[len(want)-1]) > tol {
				t.Errorf("%g … %g, want %g … %g", c.Curvature.Value, c.Curvature.Largest, want[0], want[len(want)-1])
			}
			if math.Abs(c.Loss-v.Value) > 1e-10*(1+v.Value) {
				t.Errorf("value %g, want %g", c.Loss, v.Value)
			}
			verdicts := map[string][]landscape.Verdict{
				"minimiser": {landscape.NearOptimum, landscape.SecondOrder},
				"saddle":    {landscape.NegativeCurvature},
				"random":    {landscape.LargeGradient},
			}
			if !slices.Contains(verdicts[v.Point], c.Verdict) {
				t.Errorf("%v, want one of %v", c.Verdict, verdicts[v.Point])
			}
			if v.Point != "random" && c.Deflated != c.GaugeDim || v.Point == "minimiser" && c.GaugeDim != v.Zeros {
				t.Errorf("%d of %d directions of the %v group left out; %d eigenvalues are 0", c.Deflated, c.GaugeDim, c.Gauge, v.Zeros)
			}
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
