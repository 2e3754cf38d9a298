// Package notebook reads, executes and writes Jupyter notebooks without
// Jupyter, and turns them into a static site.
//
// A [Notebook] is what an .ipynb file of nbformat 4.0 to 4.5 holds; fields that
// this package does not know survive a round trip, and what it writes is
// nbformat 4.5 in the formatting of Jupyter itself, byte for byte. [Execute] runs the code
// cells in one session of an [engine.Engine], the same engine code that the
// Jupyter kernel uses, and stores the outputs in the cells. [Claims] collects
// what the outputs state. [Page] renders one notebook as a self-contained HTML
// page, and [Site] writes pages, notebooks, an index and a run manifest into a
// folder.
//
//	nb, err := notebook.ReadFile("no-balancing.ipynb")
//	err = notebook.Execute(ctx, nb, eng, nil)
//	err = nb.WriteFile("out/no-balancing.ipynb")
//
// Files are written under a temporary name and renamed, so that no reader ever
// sees half a file.
package notebook
