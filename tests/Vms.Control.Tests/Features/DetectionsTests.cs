using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Events;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

public sealed class DetectionsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] s_jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3];

    private ControlWorld _world = null!;
    private string _door = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _door = (await _world.AddCameraAsync("Door")).Text("id")!;
        await StoreAsync("car", "object.vehicle", new { @class = "car", confidence = 0.91, plate = "BAB123", modelHash = "ab", trackId = 7, path = new[] { new[] { 0, 0.1, 0.2 } }, crop = Convert.ToBase64String(s_jpeg) });
        await StoreAsync("man", "object.person", new { @class = "person", confidence = 0.85, box = new[] { 0.1, 0.2, 0.3, 0.4 } });
        await StoreAsync("bag", "object.left", new { @class = "suitcase" });
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Every_object_is_one_row_with_all_that_is_known_of_it()
    {
        var items = (await _world.Http.GetJsonAsync("/api/detections")).GetProperty("items");
        Assert.Equal(["man", "car"], items.EnumerateArray().Select(d => d.Text("id")));
        var car = items[1];
        Assert.Equal(("car", "car", "BAB123", "ab", "7", "new"), (car.Text("class"), car.Text("vehicleType"), car.Text("plate"), car.Text("modelHash"), car.Text("trackId"), car.Text("state")));
        Assert.Equal(0.2, car.GetProperty("path")[0][2].GetDouble());
        using var crop = await _world.Http.GetAsync(car.Text("cropUrl"));
        Assert.Equal(("image/jpeg", Convert.ToHexString(s_jpeg)), (crop.Content.Headers.ContentType!.MediaType, Convert.ToHexString(await crop.Content.ReadAsByteArrayAsync())));
        // Lists of events carry neither.
        var seen = (await _world.Http.GetJsonAsync("/api/events?class=car")).GetProperty("items");
        Assert.False(seen[0].GetProperty("data").TryGetProperty("path", out _) || seen[0].GetProperty("data").TryGetProperty("crop", out _));
        Assert.Equal(car.Text("cropUrl"), seen[0].Text("cropUrl"));
    }

    [Theory]
    [InlineData("plate=B-AB*", "car")]
    [InlineData("plate=?ab12?", "car")]
    [InlineData("plate=X*", "")]
    [InlineData("class=person&class=dog", "man")]
    [InlineData("minConfidence=0.9", "car")]
    [InlineData("state=confirmed", "")]
    public async Task They_are_found_by_what_was_seen(string query, string ids) =>
        Assert.Equal(ids, string.Join(' ', (await _world.Http.GetJsonAsync("/api/detections?" + query)).GetProperty("items").EnumerateArray().Select(d => d.Text("id"))));

    [Theory]
    [InlineData("type=object.*", "bag car man")]
    [InlineData("type=object.vehicle&type=object.left", "bag car")]
    [InlineData("plate=bab*", "car")]
    [InlineData("class=suitcase", "bag")]
    public async Task Events_are_found_by_it_too(string query, string ids) =>
        Assert.Equal(ids, string.Join(' ', (await _world.Http.GetJsonAsync("/api/events?" + query)).GetProperty("items").EnumerateArray().Select(d => d.Text("id")).Order()));

    [Fact]
    public async Task A_person_says_what_is_right_and_what_is_gone()
    {
        Assert.Equal(("confirmed", "admin"), await ReviewAsync("car", "confirmed"));
        Assert.Equal(("false", "admin"), await ReviewAsync("man", "false"));
        Assert.Equal("man", (await _world.Http.GetJsonAsync("/api/detections?state=false")).Text("items.0.id"));
        (await _world.Http.DeleteAsync("/api/detections/man")).EnsureSuccessStatusCode();
        using var gone = await _world.Http.DeleteAsync("/api/detections/man");
        await gone.ProblemAsync(404, "detectionNotFound");
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.event where id = 'man'"));

        async Task<(string?, string?)> ReviewAsync(string id, string state)
        {
            var answer = await _world.Http.PatchAsync($"/api/detections/{id}", $$"""{"state":"{{state}}"}""");
            return (answer.Text("state"), answer.Text("reviewedBy"));
        }
    }

    private async Task StoreAsync(string id, string type, object data)
    {
        var message = JsonSerializer.SerializeToUtf8Bytes(new { id, type, cameraId = _door, at = s_noon.AddSeconds(id[0] - 'a'), source = "analytics", data });
        await _world.Services.GetRequiredService<EventStore>().AddAsync([BusEvent.TryParse($"vms.events.default.{_door}.{type}", message)!], default);
    }
}
