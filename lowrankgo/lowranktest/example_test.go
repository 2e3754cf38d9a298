package lowranktest_test

import (
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
)

// entry is ½(uv − 1)², a problem of a user's own.
var entry = lr.Funcs{
	Name: "½(uv − 1)²", D1: 1, D2: 1, Rank: 1,
	GradFunc: func(dst, x *lr.Factors) float64 {
		u, v := x.U.RawRowView(0), x.V.RawRowView(0)
		e := u[0]*v[0] - 1
		if dst != nil {
			dst.U.RawRowView(0)[0], dst.V.RawRowView(0)[0] = e*v[0], e*u[0]
		}
		return e * e / 2
	},
	HessFunc: func(dst, x, d *lr.Factors) {
		u, v := x.U.RawRowView(0)[0], x.V.RawRowView(0)[0]
		du, dv := d.U.RawRowView(0)[0], d.V.RawRowView(0)[0]
		e, de := u*v-1, du*v+u*dv
		dst.U.RawRowView(0)[0], dst.V.RawRowView(0)[0] = de*v+e*dv, de*u+e*du
	},
}

// TestEntry is all that a user writes to hold a problem to every rule.
func TestEntry(t *testing.T) { lowranktest.TestProblem(t, entry) }

// A problem of one's own is held to every rule by one line in a test.
func ExampleTestProblem() {
	testEntry := func(t *testing.T) { lowranktest.TestProblem(t, entry) }

	fmt.Println(entry.Check(), testEntry != nil)
	// Output: <nil> true
}
