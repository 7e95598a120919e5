"""Picture making: who paints and the stage that asks for it."""
