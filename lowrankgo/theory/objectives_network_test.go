package theory

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

func TestMeasureNetwork(t *testing.T) {
	m, err := measureNetwork(t.Context(), Effort{Seed: 2})
	if err != nil || !(m.Residual < 1e-10) || m.Instances != 20 {
		t.Errorf("%+v, %v", m, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := measureNetwork(ctx, Effort{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The value is the sum of the parts' own and the penalty, each edge twice, term
// by term.
func TestNetworkValue(t *testing.T) {
	c, x, d, err := network(5)
	if err != nil {
		t.Fatal(err)
	}
	x = x.plus(0.5, d)
	terms, err := c.Identity(x.us, x.vs)
	if err != nil {
		t.Fatal(err)
	}
	var want float64
	for j, p := range c.Parts {
		want += p.NewEval().Grad(nil, &lr.Factors{U: x.us[j], V: x.vs[j]})
		for i := range c.Parts {
			var gap mat.Dense
			gap.Sub(x.us[i], x.us[j])
			want += c.Weights.At(i, j) * math.Pow(mat.Norm(&gap, 2), 2)
		}
	}
	if math.Abs(terms.Value-want) > 1e-12*want {
		t.Errorf("value %v, want %v", terms.Value, want)
	}
	if got := x.dot(x) - 2*x.dot(d) + d.dot(d); math.Abs(got-x.plus(-1, d).dot(x.plus(-1, d))) > 1e-12*x.dot(x) {
		t.Errorf("‖x − d‖² = %v", got)
	}
}
