using Vms.Ai;
using Vms.Ai.Models.Commands;
using Vms.Hosting;

// What `vms models` does, in a process of its own: a model that brings it down brings down nothing else.
if (args is [ModelsCommand.Argument, .. var rest])
    return ModelsCommand.Run(rest, Console.Out, Console.Error);

return await PlaneMain.RunAsync("ai", async () =>
{
    await using var app = AiApp.Build(args);
    await app.RunAsync();
});
