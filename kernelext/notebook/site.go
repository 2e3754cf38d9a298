package notebook

import (
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/show"
)

// Run is one notebook that was executed.
type Run struct {
	Name     string       // file name without its ending
	Notebook *Notebook    // nil when its file could not be read
	Seconds  float64      // that the execution took
	Err      string       // why it failed; empty when it did not
	Claims   []show.Claim // what its outputs state
}

// Manifest says what produced a site. It is the only part of a site that
// differs between equal runs: it alone has times.
type Manifest struct {
	Version   string        `json:"version"`   // of the library
	Commit    string        `json:"commit"`    // of the source, "unknown" outside a checkout
	Started   string        `json:"started"`   // RFC 3339
	Engine    string        `json:"engine"`    // that interpreted the cells
	Quick     bool          `json:"quick"`     // reduced size
	Go        string        `json:"go"`        // Go version
	GOOS      string        `json:"goos"`      // operating system
	GOARCH    string        `json:"goarch"`    // architecture
	Variant   string        `json:"variant"`   // of the inner loops, chosen by CPU feature
	Complete  bool          `json:"complete"`  // every notebook asked for was run; false after an interrupt
	Notebooks []ManifestRun `json:"notebooks"` // filled by Site.Finish
}

// ManifestRun is the line of a manifest about one notebook.
type ManifestRun struct {
	Name    string   `json:"name"`
	Seconds float64  `json:"seconds"`
	Error   string   `json:"error"`
	Seeds   []uint64 `json:"seeds"` // of its claims, each once
}

// Site writes the static site of a run into a folder: for each notebook
// NAME.ipynb and NAME.html, then index.html and manifest.json. It keeps the
// folder's other files. A site is for one goroutine at a time.
type Site struct {
	dir      string
	renderer Renderer
	entries  []indexEntry
	lines    []ManifestRun
}

// NewSite makes a site in dir, which is created if need be. A folder that
// cannot be written is an error that names it.
func NewSite(dir string) (*Site, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("notebook: the output folder %s cannot be made: %w", dir, err)
	}
	f, err := os.CreateTemp(dir, ".write-test.*.tmp")
	if err != nil {
		return nil, fmt.Errorf("notebook: the output folder %s cannot be written: %w", dir, err)
	}
	f.Close()
	os.Remove(f.Name())
	return &Site{dir: dir}, nil
}

// Add writes the executed notebook and its page; one that could not be read
// only gets its place in the index. The problems are formulas that are not
// TeX.
func (s *Site) Add(run Run) (problems []string, err error) {
	if run.Notebook == nil {
		s.entries = append(s.entries, indexEntry{Name: run.Name, Err: run.Err, Failed: true, Unread: true})
		s.lines = append(s.lines, ManifestRun{Name: run.Name, Error: run.Err, Seeds: []uint64{}})
		return nil, nil
	}
	if err := run.Notebook.WriteFile(filepath.Join(s.dir, run.Name+".ipynb")); err != nil {
		return nil, err
	}
	page, problems, err := s.renderer.Page(run.Notebook, run.Name)
	if err != nil {
		return nil, err
	}
	if err := WriteFile(filepath.Join(s.dir, run.Name+".html"), page); err != nil {
		return nil, err
	}
	entry, err := s.entry(run)
	if err != nil {
		return nil, err
	}
	s.entries = append(s.entries, entry)
	s.lines = append(s.lines, ManifestRun{Name: run.Name, Seconds: run.Seconds, Error: run.Err, Seeds: seeds(run.Claims)})
	return problems, nil
}

func seeds(claims []show.Claim) []uint64 {
	list := []uint64{}
	for _, c := range claims {
		if c.Seed != 0 {
			list = append(list, c.Seed)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Finish writes index.html and manifest.json from what was added.
func (s *Site) Finish(m Manifest) error {
	m.Notebooks = slices.Concat([]ManifestRun{}, s.lines)
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("notebook: manifest: %w", err)
	}
	if err := WriteFile(filepath.Join(s.dir, "manifest.json"), append(b, '\n')); err != nil {
		return err
	}
	data := indexData{Entries: s.entries, Manifest: m}
	for i := range s.entries {
		data.all = append(data.all, s.entries[i].claims...)
		data.Failed = data.Failed || s.entries[i].Failed
	}
	data.Failed = data.Failed || !m.Complete
	data.Summary = summary(data.all)
	if data.Style, err = pageCSS(anyFormula(s.entries), false); err != nil {
		return err
	}
	page, err := s.renderer.execute("index.html", &data)
	if err != nil {
		return err
	}
	return WriteFile(filepath.Join(s.dir, "index.html"), page)
}

type indexData struct {
	Style    template.CSS
	Script   template.JS
	Summary  string
	Failed   bool
	Entries  []indexEntry
	Manifest Manifest
	all      []show.Claim
}

func (d *indexData) setScript(js template.JS) { d.Script = js }

// indexEntry is what index.html shows of one notebook.
type indexEntry struct {
	Name    string
	Title   template.HTML
	Intro   template.HTML
	Picture template.URL // a data URI; empty without pictures
	Alt     string
	Summary string
	Failed  bool
	Err     string
	Unread  bool          // there is no page
	Table   template.HTML // of the claims
	Seconds float64
	claims  []show.Claim
}

func (s *Site) entry(run Run) (indexEntry, error) {
	md := newMarkdown(&s.renderer.tex)
	title, err := md.render(run.Notebook.Title(run.Name), nil)
	if err != nil {
		return indexEntry{}, err
	}
	intro, err := md.render(introduction(run.Notebook), nil)
	if err != nil {
		return indexEntry{}, err
	}
	e := indexEntry{
		Name: run.Name, Err: run.Err, Seconds: run.Seconds, Summary: summary(run.Claims),
		Title:  template.HTML(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(title), "<p>"), "</p>")),
		Intro:  template.HTML(intro),
		Failed: run.Err != "" || failed(run.Notebook),
		claims: run.Claims,
	}
	uri, alt := firstPicture(run.Notebook)
	e.Picture, e.Alt = template.URL(uri), alt
	if len(run.Claims) > 0 {
		e.Table = template.HTML(show.Claims(run.Claims...).HTML())
	}
	return e, nil
}

// anyFormula reports whether an entry has a formula.
func anyFormula(entries []indexEntry) bool {
	return slices.ContainsFunc(entries, func(e indexEntry) bool {
		return strings.Contains(string(e.Title+e.Intro), "<math")
	})
}

// introduction is the first paragraph of the Markdown of nb.
func introduction(nb *Notebook) string {
	for _, c := range nb.Cells {
		if c.Type != Markdown {
			continue
		}
		for _, block := range blankLine.Split(c.Source, -1) {
			block = strings.TrimSpace(headingLine.ReplaceAllString(block, ""))
			if block == "" || strings.ContainsAny(block[:1], "#|-*+>`~<!=:") || strings.HasPrefix(block, "$$") {
				continue
			}
			return block
		}
	}
	return ""
}
