package landscape_test

import (
	"context"
	"fmt"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

func ExampleCompletable() {
	mask, err := operator.NewBoolMask([][]bool{
		{true, true, true, true, false},
		{true, true, true, false, true},
		{true, false, true, true, true},
		{false, true, true, true, true},
		{false, false, true, false, false}, // one entry cannot determine a row at rank 2
	})
	if err != nil {
		panic(err)
	}
	c, err := landscape.Completable(context.Background(), mask, 2, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(c)
	fmt.Println(c.At(0, 4), c.At(4, 0))
	rows, cols := c.Determined()
	fmt.Println(rows, cols)
	// Output:
	// completable at rank 2: no
	//   17 of 5×5 entries observed, 16 degrees of freedom, 1 missing
	//   too few entries: 1 rows, 0 columns
	//   block of 4 rows, 5 columns, 16 entries: yes
	// yes no
	// [0 1 2 3] [0 1 2 3 4]
}

// Two full blocks with three entries between them: at rank 2 four are wanted, and
// what else is between them stays open.
func ExampleCompletability_Entry() {
	seen := make([][]bool, 8)
	for i := range seen {
		seen[i] = make([]bool, 8)
		for j := range seen[i] {
			seen[i][j] = i/4 == j/4
		}
	}
	seen[0][4], seen[1][5], seen[2][6] = true, true, true
	mask, err := operator.NewBoolMask(seen)
	if err != nil {
		panic(err)
	}
	c, err := landscape.Completable(context.Background(), mask, 2, nil)
	if err != nil {
		panic(err)
	}
	a, err := c.Entry(context.Background(), 3, 7)
	if err != nil {
		panic(err)
	}
	fmt.Println(a.Determined, a.Proven)
	fmt.Println(c.Open().Total, "entries are open,", c.Missing, "more is needed")
	// Output:
	// no true
	// 29 entries are open, 1 more is needed
}
