using Vms.Ai.Tracking;

namespace Vms.Ai.Tests.Tracking;

public sealed class AssignmentTests
{
    [Fact]
    public void The_sum_counts_not_the_best_single_pair()
    {
        // Greedy would take 0.9 and be left with 0.1.
        Assert.Equal([1, 0], Assignment.Best(new float[,] { { 0.9f, 0.8f }, { 0.8f, 0.1f } }, 0.05f));
    }

    [Fact]
    public void What_is_below_the_least_value_is_no_pair()
    {
        Assert.Equal([-1, 0], Assignment.Best(new float[,] { { 0.1f }, { 0.6f } }, 0.2f));
        Assert.Equal([-1], Assignment.Best(new float[,] { { 0.1f, 0.2f, 0.15f } }, 0.2f));
    }

    [Fact]
    public void It_is_as_good_as_trying_everything()
    {
        var random = new Random(3);
        for (int run = 0; run < 300; run++)
        {
            int rows = random.Next(1, 5), columns = random.Next(1, 5);
            var values = new float[rows, columns];
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                    values[i, j] = random.NextSingle();
            }

            int[] best = Assignment.Best(values, 0.3f);
            Assert.Equal(best.Where(c => c >= 0).Count(), best.Where(c => c >= 0).Distinct().Count());
            double sum = best.Select((c, r) => c < 0 ? 0 : values[r, c]).Sum(v => (double)v);
            Assert.Equal(Exhaustive(values, 0, [], 0.3f), sum, tolerance: 1e-5);
        }
    }

    private static double Exhaustive(float[,] values, int row, HashSet<int> taken, float least)
    {
        if (row == values.GetLength(0))
            return 0;
        double best = Exhaustive(values, row + 1, taken, least);
        for (int column = 0; column < values.GetLength(1); column++)
        {
            if (values[row, column] <= least || !taken.Add(column))
                continue;
            best = Math.Max(best, values[row, column] + Exhaustive(values, row + 1, taken, least));
            taken.Remove(column);
        }

        return best;
    }
}
