using Vms.Ai.Detectors;
using Vms.Testing;

namespace Vms.Ai.Tests.Detectors;

/// <summary>Plates drawn onto the car park's vehicles: no footage with plates may be passed on.</summary>
public sealed class PlateReaderTests
{
    [Theory]
    [InlineData("DE", "M AB 1234", "MAB1234")]
    [InlineData("DE", "HH OK 100", "HHOK100")]
    [InlineData("AT", "W 40817 K", "W40817K")]
    [InlineData("CH", "ZH 445 566", "ZH445566")]
    [InlineData("FR", "AB-123-CD", "AB123CD")]
    [InlineData("GB", "KX57 ABC", "KX57ABC")]
    [InlineData("US", "7ABC123", "7ABC123")]
    [InlineData("EU", "1-ABC-234", "1ABC234")]
    public async Task A_plate_on_a_vehicle_is_read(string country, string drawn, string plate)
    {
        using var directory = new TestDirectory();
        var catalogue = ShippedCatalogue.Open(directory);
        using var detectors = TestCatalogue.Pool(catalogue);
        using var reader = new PlateReader(catalogue, detectors, TestCatalogue.Crashes(catalogue));
        // The van of the footage, as in a picture of 1080 lines.
        using var picture = TestPictures.Load(TestPictures.Footage, 1920, 1440, frame: 40, TestPictures.Plate(drawn, 1660, 190, 120, 28));
        var van = new Box(0.82f, 0.06f, 0.14f, 0.13f);
        var reading = await reader.ReadAsync(picture, van, country, TestContext.Current.CancellationToken);
        Assert.NotNull(reading);
        Assert.Equal(plate, reading.Text);
        Assert.InRange(reading.Confidence, 0.5f, 1);
        Assert.True(reading.Box.OverlapRatio(new Box(1660f / 1920, 190f / 1440, 120f / 1920, 28f / 1440)) > 0.4f, $"{reading.Box}");
    }

    [Fact]
    public async Task A_vehicle_without_a_plate_has_none()
    {
        using var directory = new TestDirectory();
        var catalogue = ShippedCatalogue.Open(directory);
        using var detectors = TestCatalogue.Pool(catalogue);
        using var reader = new PlateReader(catalogue, detectors, TestCatalogue.Crashes(catalogue));
        using var picture = TestPictures.Load(TestPictures.Footage, 1920, 1440, frame: 40);
        Assert.Null(await reader.ReadAsync(picture, new Box(0.82f, 0.06f, 0.14f, 0.13f), "DE", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task More_vehicles_than_may_wait_are_left_out_and_counted()
    {
        using var directory = new TestDirectory();
        var catalogue = ShippedCatalogue.Open(directory);
        using var detectors = TestCatalogue.Pool(catalogue);
        using var reader = new PlateReader(catalogue, detectors, TestCatalogue.Crashes(catalogue));
        using var picture = Picture.Rent(320, 320);
        picture.Bgr.Span.Fill(90);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => reader.ReadAsync(picture, Box.Whole, "DE", CancellationToken.None).AsTask()));
        Assert.Equal(12, reader.Refused);
    }

    [Fact]
    public async Task Who_reads_when_it_ends_reads_to_the_end_and_whoever_comes_later_finds_nothing()
    {
        using var directory = new TestDirectory();
        var catalogue = ShippedCatalogue.Open(directory);
        using var detectors = TestCatalogue.Pool(catalogue);
        using var picture = TestPictures.Load(TestPictures.Footage, 1920, 1440, frame: 40, TestPictures.Plate("M AB 1234", 1660, 190, 120, 28));
        var van = new Box(0.82f, 0.06f, 0.14f, 0.13f);
        var reader = new PlateReader(catalogue, detectors, TestCatalogue.Crashes(catalogue));
        var reading = reader.ReadAsync(picture, van, "DE", CancellationToken.None).AsTask();
        reader.Dispose();
        Assert.Equal("MAB1234", (await reading)?.Text);
        Assert.Null(await reader.ReadAsync(picture, van, "DE", CancellationToken.None));
    }
}
