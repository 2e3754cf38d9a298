package solver_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// golden holds the hash of traceHash's traces on each GOARCH and variant of
// the inner loops that it was made on. The promise is: the same seed gives the
// same bits on the same architecture and variant, for any number of threads.
// A change that is meant to change numbers replaces the hashes, which a
// failure prints, and says so in the changelog.
var golden = map[string]string{
	"amd64/avx2":    "1737a3d9c1f4fce0bece82304cdc615dcd99d664ab4a5945b9dd3b7d0e2abb28",
	"amd64/generic": "78371dd51c3472a3d809b148fd3efb7e2660bc8528fd83c82f5485ea8718aad7",
}

// traceHash hashes every bit of some short runs.
func traceHash(t *testing.T) string {
	t.Helper()
	h := sha256.New()
	put := func(v float64) {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
		h.Write(b[:])
	}
	sensing := made(t, problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 203, Seed: 7})
	for _, p := range []lr.Problem{
		sensing, balanced(t, sensing, 0.5),
		made(t, problem.GaussianSensing{D1: 11, Rank: 2, M: 90, Seed: 7, Symmetric: true}),
		made(t, problem.RandomCompletion{D1: 150, D2: 170, Rank: 3, P: 0.4, Seed: 7}),
	} {
		x0 := start(t, initial.Random{Scale: 0.1, Seed: 7}, p)
		for _, m := range []lr.Method{
			solver.GD{}, solver.GD{Rule: solver.RuleArmijo}, solver.GD{Rule: solver.RuleBarzilaiBorwein},
			solver.Accelerated{}, solver.ConjugateGradient{}, solver.LBFGS{}, solver.PerturbedGD{Threshold: 1e9, Wait: 7},
		} {
			res := solve(t, p, m, x0, &lr.Options{MaxIter: 20})
			for _, r := range res.Trace.Rows {
				put(r.Loss)
				put(r.GradNorm)
				put(r.Step)
				put(r.SqErr)
			}
			for _, row := range [][]float64{res.X.U.RawMatrix().Data, res.X.Right().RawMatrix().Data} {
				for _, v := range row {
					put(v)
				}
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// TestSameBits holds the traces to the golden hash at GOMAXPROCS 1, 2 and 7,
// in this process and, where it uses another variant, in one that is pinned to
// the portable loops.
func TestSameBits(t *testing.T) {
	where := runtime.GOARCH + "/" + lr.Variant()
	first := traceHash(t)
	for _, n := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(n)
		got := traceHash(t)
		runtime.GOMAXPROCS(old)
		if got != first {
			t.Errorf("GOMAXPROCS %d gives other bits", n)
		}
	}
	if want, known := golden[where]; known && first != want {
		t.Errorf("%s: the traces hash to %s, want %s", where, first, want)
	}
	if lr.Variant() == "generic" {
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestSameBits$", "-test.v")
	cmd.Env = append(os.Environ(), "LOWRANK_LOOPS=generic")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestSameBits") {
		t.Errorf("pinned to the portable loops: %v\n%s", err, out)
	}
}
