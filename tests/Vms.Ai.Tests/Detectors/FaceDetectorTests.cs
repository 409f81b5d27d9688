using Vms.Ai.Detectors;
using Vms.Testing;

namespace Vms.Ai.Tests.Detectors;

public sealed class FaceDetectorTests
{
    [Fact]
    public async Task A_face_is_found_where_it_is()
    {
        using var directory = new TestDirectory();
        using var detectors = TestCatalogue.Pool(ShippedCatalogue.Open(directory));
        using var picture = TestPictures.Load(Path.Combine(TestPictures.Examples, "messi5.jpg"), 548, 342);
        var face = Assert.Single(await new FaceDetector(detectors).DetectAsync(picture, Box.Whole, TestContext.Current.CancellationToken));
        Assert.Equal("face", face.Class);
        Assert.True(face.Box.OverlapRatio(new Box(0.404f, 0.281f, 0.068f, 0.108f)) > 0.6f, $"{face}");
    }

    [Fact]
    public async Task Fruit_has_no_face()
    {
        using var directory = new TestDirectory();
        using var detectors = TestCatalogue.Pool(ShippedCatalogue.Open(directory));
        using var picture = TestPictures.Load(Path.Combine(TestPictures.Examples, "fruits.jpg"), 512, 480);
        Assert.Empty(await new FaceDetector(detectors).DetectAsync(picture, Box.Whole, TestContext.Current.CancellationToken));
    }
}
