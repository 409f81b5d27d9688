namespace Vms.Ai.Tracking;

/// <summary>
/// The pairs of rows and columns with the greatest sum of values (Kuhn and Munkres, by shortest augmenting paths: O(n³)). Pure.
/// </summary>
internal static class Assignment
{
    /// <param name="values">[row, column]; what is not above <paramref name="least"/> is no pair.</param>
    /// <returns>Of each row its column, or -1.</returns>
    internal static int[] Best(float[,] values, float least)
    {
        int rows = values.GetLength(0), columns = values.GetLength(1);
        int n = Math.Max(rows, columns);
        // Square, with pairs that are none at cost 0: leaving a row alone is as good as a forbidden pair.
        var rowPotential = new double[n + 1];
        var columnPotential = new double[n + 1];
        var rowOf = new int[n + 1];
        var way = new int[n + 1];
        for (int row = 1; row <= n; row++)
            Augment(row);

        var result = new int[rows];
        Array.Fill(result, -1);
        for (int column = 1; column <= columns; column++)
        {
            if (rowOf[column] is > 0 and var row && row <= rows && values[row - 1, column - 1] > least)
                result[row - 1] = column - 1;
        }

        return result;

        double CostOf(int row, int column) =>
            row > rows || column > columns || values[row - 1, column - 1] <= least ? 0 : -values[row - 1, column - 1];

        void Augment(int row)
        {
            rowOf[0] = row;
            int current = 0;
            var least = new double[n + 1];
            Array.Fill(least, double.MaxValue);
            var used = new bool[n + 1];
            do
            {
                used[current] = true;
                int at = rowOf[current], next = 0;
                double delta = double.MaxValue;
                for (int column = 1; column <= n; column++)
                {
                    if (used[column])
                        continue;
                    double reduced = CostOf(at, column) - rowPotential[at] - columnPotential[column];
                    if (reduced < least[column])
                        (least[column], way[column]) = (reduced, current);
                    if (least[column] < delta)
                        (delta, next) = (least[column], column);
                }

                for (int column = 0; column <= n; column++)
                {
                    if (used[column])
                    {
                        rowPotential[rowOf[column]] += delta;
                        columnPotential[column] -= delta;
                    }
                    else
                    {
                        least[column] -= delta;
                    }
                }

                current = next;
            }
            while (rowOf[current] != 0);

            do
            {
                int before = way[current];
                rowOf[current] = rowOf[before];
                current = before;
            }
            while (current != 0);
        }
    }
}
