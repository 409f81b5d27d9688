using Vms.Ai.Models;

namespace Vms.Ai.Tests.Models;

public sealed class ScoreCurveTests
{
    [Fact]
    public void Scores_mean_what_the_points_say_and_back()
    {
        var curve = ScoreCurve.Of([new ScorePoint(0.2f, 0.4f), new ScorePoint(0.5f, 0.9f)]);
        Assert.Equal(0.2f, curve.Means(0.1f), 1e-5f);
        Assert.Equal(0.4f, curve.Means(0.2f), 1e-5f);
        Assert.Equal(0.65f, curve.Means(0.35f), 1e-5f);
        Assert.Equal(0.95f, curve.Means(0.75f), 1e-5f);
        for (float score = 0; score <= 1; score += 0.05f)
            Assert.Equal(score, curve.ModelsFor(curve.Means(score)), 1e-4f);
        Assert.Equal((0, 1, 0), (curve.Means(-1), curve.Means(2), curve.Means(float.NaN)));
    }

    [Fact]
    public void A_model_of_which_nothing_is_known_is_taken_at_its_word() => Assert.Equal(0.37f, ScoreCurve.Of(null).Means(0.37f), 1e-5f);

    [Theory]
    [InlineData(0.5f, 0.4f, 0.4f, 0.9f)]
    [InlineData(0.2f, 0.5f, 0.4f, 0.4f)]
    [InlineData(0.2f, 0.5f, 1.4f, 1)]
    [InlineData(float.NaN, 0.5f, 0.6f, 0.7f)]
    public void Points_that_do_not_rise_are_refused(float a, float aMeans, float b, float bMeans) =>
        Assert.NotNull(ScoreCurve.Complaint([new ScorePoint(a, aMeans), new ScorePoint(b, bMeans)]));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"adapter\":null,\"width\":64,\"height\":64,\"sha256\":\"\"}")]
    [InlineData("{\"adapter\":\"yolox\",\"width\":64,\"height\":64,\"sha256\":\"\",\"labels\":[null]}")]
    [InlineData("{\"adapter\":\"yolox\",\"width\":64,\"height\":64,\"sha256\":\"\",\"labels\":[\"a\"],\"scores\":[null]}")]
    public void A_description_with_holes_is_refused(string json) =>
        Assert.Throws<ModelException>(() => ModelManifest.FromJson("model", System.Text.Encoding.UTF8.GetBytes(json)));
}
