package solver_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

func TestPCPSuite(t *testing.T) {
	whole := spotted(t, problem.RandomRobustPCA{D1: 70, D2: 60, Rank: 2, Alpha: 0.1, Seed: 1})
	missing := spotted(t, problem.RandomRobustPCA{D1: 50, D2: 40, Rank: 1, Alpha: 0.05, Observed: 0.9, Seed: 2})
	for _, m := range []solver.PCP{{}, {Growth: 1.2, Lambda: 0.15, Seed: 7}} {
		t.Run(m.Name(), func(t *testing.T) {
			o := lowranktest.MethodOptions{Allocates: true}
			t.Run("whole", func(t *testing.T) { lowranktest.TestMethod(t, m, whole, lr.NewPoint(whole), o) })
			t.Run("missing", func(t *testing.T) { lowranktest.TestMethod(t, m, missing, lr.NewPoint(missing), o) })
		})
	}
}
