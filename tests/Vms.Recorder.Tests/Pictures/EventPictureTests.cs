using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;
using Vms.Testing;

namespace Vms.Recorder.Tests.Pictures;

public sealed class EventPictureTests : IDisposable
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly TestDirectory _directory = new();
    private readonly PoolRoot _pool;
    private readonly EventPictureFolder _folder;

    public EventPictureTests()
    {
        _pool = new PoolRoot("main", _directory.Create("pool"));
        _folder = new EventPictureFolder(_pool);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("0190b2c4-5d1e-7f00-8000-0123456789ab", "events/2026-11-21/0190b2c4-5d1e-7f00-8000-0123456789ab.jpg")]
    public void A_picture_stands_under_the_day_and_the_id_of_its_event(string id, string path) => Assert.Equal(path, _pool.Relative(_folder.PathOf(id, s_noon)));

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("gate/42")]
    [InlineData("..")]
    [InlineData("a\nb")]
    public void No_id_leads_out_of_the_folder(string id)
    {
        var path = _pool.Relative(_folder.PathOf(id, s_noon));
        Assert.Matches("^events/2026-11-21/[0-9a-f]{32}\\.jpg$", path);
        Assert.NotEqual(path, _pool.Relative(_folder.PathOf(id, s_noon.AddSeconds(1))));
    }

    [Fact]
    public void Pictures_count_and_go_with_their_day_and_are_no_camera()
    {
        Assert.Equal(0, _folder.UsedBytes());
        Write(s_noon.AddDays(-2), 100);
        Write(s_noon, 30);
        Write(s_noon, 4);
        Assert.Equal(134, _folder.UsedBytes());
        Assert.Empty(_pool.Cameras());
        Assert.Equal(1, _folder.DeleteBefore(s_noon.AddDays(-1)));
        Assert.Equal(34, _folder.UsedBytes());
        Assert.Equal(0, _folder.DeleteBefore(s_noon));      // the day itself stays
    }

    private void Write(DateTimeOffset at, int bytes)
    {
        var path = _folder.PathOf(Guid.NewGuid().ToString(), at);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[bytes]);
    }
}
