package landscape_test

import (
	"testing"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// What no seed decides: elimination of 2,500 unknowns, the most by default; and a
// million entries, estimated.
func BenchmarkCompletable(b *testing.B) {
	for _, c := range []struct {
		name string
		f    operator.FixedCount
	}{
		{"exact500x500r5", operator.FixedCount{D1: 500, D2: 500, Count: 5600, AtLeast: 5, Seed: 1}},
		{"estimate10000x10000r5", operator.FixedCount{D1: 10000, D2: 10000, Count: 1000000, AtLeast: 5, Seed: 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			m, err := c.f.New()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if a := completable(b, m, 5, nil); a.Completable != landscape.Yes {
					b.Fatal(a)
				}
			}
		})
	}
}
