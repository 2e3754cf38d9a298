package solver_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

func TestIRCURSuite(t *testing.T) {
	whole := spotted(t, problem.RandomRobustPCA{D1: 70, D2: 60, Rank: 2, Alpha: 0.1, Seed: 1})
	missing := spotted(t, problem.RandomRobustPCA{D1: 60, D2: 80, Rank: 2, Alpha: 0.1, Observed: 0.8, Seed: 2})
	for _, m := range []solver.IRCUR{{}, {Fixed: true, Samples: 4}, {Decay: 0.5, Samples: 4, Seed: 7}} {
		t.Run(m.Name(), func(t *testing.T) {
			o := lowranktest.MethodOptions{Estimates: true, RelErr: 1e-5}
			t.Run("whole", func(t *testing.T) { lowranktest.TestMethod(t, m, whole, lr.NewPoint(whole), o) })
			t.Run("missing", func(t *testing.T) { lowranktest.TestMethod(t, m, missing, lr.NewPoint(missing), o) })
		})
	}
}

// spotted is a random instance of robust PCA.
func spotted(t testing.TB, c problem.RandomRobustPCA) *problem.Split {
	t.Helper()
	p, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
