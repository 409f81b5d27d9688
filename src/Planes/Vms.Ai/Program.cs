using Vms.Ai;
using Vms.Hosting;

return await PlaneMain.RunAsync("ai", async () =>
{
    await using var app = AiApp.Build(args);
    await app.RunAsync();
});
