package landscape_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

type completabilityCase struct {
	Name          string  `json:"name"`
	Mask          [][]int `json:"mask"`
	R             int     `json:"r"`
	GenericRank   int     `json:"generic_rank"`
	FullRank      int     `json:"full_rank"`
	AllDetermined bool    `json:"all_completable"`
	Determined    [][]int `json:"finitely_completable"`
}

func boolMask(t testing.TB, mask [][]int) *operator.Mask {
	t.Helper()
	seen := make([][]bool, len(mask))
	for i, row := range mask {
		for _, v := range row {
			seen[i] = append(seen[i], v != 0)
		}
	}
	m, err := operator.NewBoolMask(seen)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCompletableVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/completability.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []completabilityCase }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 7 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	for _, c := range file.Cases {
		for _, exact := range []int{0, -1} {
			got, err := landscape.Completable(context.Background(), boolMask(t, c.Mask), c.R, &landscape.CompletableOptions{Exact: exact})
			if err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
			if (got.Completable == landscape.Yes) != c.AllDetermined || got.Completable == landscape.Unknown {
				t.Errorf("%s, Exact %d: %v", c.Name, exact, got)
			}
			if got.Freedom != c.FullRank || got.Rank != c.GenericRank {
				t.Errorf("%s, Exact %d: rank %d of %d, want %d of %d", c.Name, exact, got.Rank, got.Freedom, c.GenericRank, c.FullRank)
			}
			for i, row := range c.Determined {
				for j, want := range row {
					if at := got.At(i, j); (at == landscape.Yes) != (want == 1) || at == landscape.Unknown {
						t.Errorf("%s, Exact %d: entry (%d, %d) %v, want %d", c.Name, exact, i, j, at, want)
					}
				}
			}
		}
	}
}
