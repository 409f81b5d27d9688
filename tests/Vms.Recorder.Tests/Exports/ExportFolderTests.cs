using System.ComponentModel.DataAnnotations;
using Vms.Recorder.Exports;
using Vms.Recorder.Tests.Support;
using Vms.Testing;

namespace Vms.Recorder.Tests.Exports;

public sealed class ExportFolderTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_else_stands_in_the_named_folder_is_never_touched_and_an_unreadable_export_keeps_none_from_being_loaded()
    {
        string shared = _directory.Create("shared");
        string own = Path.Combine(shared, ExportRoot.FolderName);
        string foreign = Directory.CreateDirectory(Path.Combine(shared, "photos")).FullName;
        string inside = Directory.CreateDirectory(Path.Combine(own, "lost+found")).FullName;
        string damaged = Directory.CreateDirectory(Path.Combine(own, Guid.NewGuid().ToString("N"))).FullName;
        string leftOver = Directory.CreateDirectory(Path.Combine(own, Guid.NewGuid().ToString("N"))).FullName;
        foreach (string folder in new[] { foreign, inside, leftOver }) await File.WriteAllTextAsync(Path.Combine(folder, "a.txt"), "mine");
        await File.WriteAllTextAsync(Path.Combine(damaged, "spec.json"), "{");
        await using var rig = await ExportRig.StartAsync("--VMS_EXPORT_DIR=" + shared);
        var failed = await rig.ExportAsync(-600, -300, "cam1");

        Assert.Equal("noRecording", failed.Code);
        Assert.True(File.Exists(Path.Combine(own, failed.Id, "state.json")));
        Assert.True(File.Exists(Path.Combine(foreign, "a.txt")));
        Assert.True(File.Exists(Path.Combine(inside, "a.txt")));
        Assert.False(Directory.Exists(leftOver));
        Assert.True(Directory.Exists(damaged));
        await rig.Queue.DeleteAsync(Path.GetFileName(damaged));
        Assert.False(Directory.Exists(damaged));
    }

    [Fact]
    public async Task What_a_crash_leaves_of_a_failed_one_is_begun_anew()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 3);
        var spec = rig.Spec(0, 3, "cam1");
        var done = await rig.FinishAsync(spec);
        string folder = Path.Combine(rig.Folder.Root, done.Id);
        var state = ExportState.Read(await File.ReadAllBytesAsync(Path.Combine(folder, "state.json")));
        await rig.Recorder.StopAsync();
        await File.WriteAllBytesAsync(Path.Combine(folder, "state.json"), (state with { State = ExportStates.Running, Entries = [] }).ToBytes());
        Directory.Delete(Path.Combine(folder, "files"), recursive: true);
        await rig.Recorder.StartAsync();

        var again = await rig.FinishAsync(spec);
        Assert.Equal(ExportStates.Done, again.State);
        Assert.All(again.Files, f => Assert.True(File.Exists(rig.PathOf(again, f.Name))));
    }

    [Theory]
    [InlineData("recordings")]
    [InlineData("recordings/exports")]
    [InlineData(".")]
    [InlineData("link/exports")]
    public async Task A_folder_that_is_or_holds_the_recordings_or_lies_in_them_is_refused_with_the_key(string named)
    {
        string data = _directory.Create("data");
        Directory.CreateSymbolicLink(Path.Combine(data, "link"), Directory.CreateDirectory(Path.Combine(data, "recordings")).FullName);
        await using var rig = new RecorderRig(null, data, "--VMS_EXPORT_DIR=" + Path.Combine(data, named));
        var refused = await Assert.ThrowsAsync<ValidationException>(() => rig.StartAsync());
        Assert.Contains("VMS_EXPORT_DIR", refused.Message, StringComparison.Ordinal);
    }
}
