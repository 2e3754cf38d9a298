package show

import (
	"errors"
	"fmt"
)

// Panels puts the panels of figures side by side, up to three in a row, with
// one legend for all. The titles of figures with several panels go.
func Panels(figures ...*Figure) *Figure {
	if len(figures) == 0 {
		return failed(errors.New("show: Panels needs a figure; none was given"))
	}
	all := &Figure{}
	for i, f := range figures {
		if err := f.Err(); err != nil {
			return failed(fmt.Errorf("show: panel %d of %d: %w", i+1, len(figures), err))
		}
		for k := range f.Plots {
			all.Plots = append(all.Plots, f.Plots[k])
			all.panels = append(all.panels, f.panel(k))
		}
	}
	return all
}
