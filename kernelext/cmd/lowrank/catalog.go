package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lowrankgo/lowrank/notebooks"
)

const modulePath = "github.com/lowrankgo/lowrank"

// catalog is a folder of notebooks.
type catalog struct {
	fsys  fs.FS
	where string   // for people
	dir   string   // on disk; empty when the notebooks are those inside the binary
	names []string // without .ipynb, sorted
}

// openCatalog lists the notebooks in dir; an empty dir means those of the
// checkout that the working directory lies in, else those inside the binary.
func openCatalog(dir string) (*catalog, error) {
	c := &catalog{fsys: notebooks.FS, where: "those inside this program"}
	if dir == "" {
		if root := checkout(); root != "" {
			dir = filepath.Join(root, "notebooks")
		}
	}
	if dir != "" {
		c.fsys, c.where, c.dir = os.DirFS(dir), dir, dir
	}
	entries, err := fs.ReadDir(c.fsys, ".")
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, fmt.Errorf("the folder of notebooks %s cannot be read: %w", c.where, err)
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".ipynb"); ok && !e.IsDir() && !strings.HasPrefix(name, ".") {
			c.names = append(c.names, name)
		}
	}
	if len(c.names) == 0 {
		return nil, usageError{fmt.Errorf("there are no notebooks (*.ipynb) in %s", c.where)}
	}
	return c, nil
}

// pick is the notebooks that args name, all of them when args is empty. An
// unknown name is a usage error with the nearest name and the whole list.
func (c *catalog) pick(args []string) ([]string, error) {
	if len(args) == 0 {
		return c.names, nil
	}
	var picked []string
	for _, a := range args {
		name := strings.TrimSuffix(a, ".ipynb")
		if !slices.Contains(c.names, name) {
			return nil, usageError{fmt.Errorf("there is no notebook %q; did you mean %q? There are: %s (%s)",
				a, nearest(name, c.names), strings.Join(c.names, ", "), c.where)}
		}
		if !slices.Contains(picked, name) {
			picked = append(picked, name)
		}
	}
	return picked, nil
}

// checkout is the root of the checkout of this module that the working
// directory lies in, or "".
func checkout() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if isCheckout(dir) {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

func isCheckout(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == "module" {
			return fields[1] == modulePath
		}
	}
	return false
}

// nearest is the name with the fewest letters to change from name.
func nearest(name string, names []string) string {
	return slices.MinFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// distance is the Levenshtein distance of two words, letter case aside.
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
